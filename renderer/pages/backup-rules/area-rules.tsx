import type { ReactNode } from 'react';
import type { BackupPlan, StoreRules } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import {
  Bytes,
  Count,
  EmptyState,
  NumberField,
  roleColor,
  roleNames,
  Select,
  Swatch,
  VirtualTable,
  type Column,
} from '../../design/index.ts';
import { areaLines, type AreaLine } from './savings.ts';
import css from './contents-section.module.css';

type Rule = StoreRules['areas'][string];
type RuleKind = 'none' | 'always' | 'never' | 'recent';

function kindOf(rule: Rule | undefined): RuleKind {
  return rule === undefined ? 'none' : typeof rule === 'string' ? rule : 'recent';
}

const usualDays = 30;

function inWords(rule: Rule): string {
  if (rule === 'always') return 'always in';
  return rule === 'never' ? 'never in' : `last ${formatQuantity(rule.recentDays, 'day')}`;
}

/** The folders of a store, each with its rule and what that leaves out. */
export function AreaRules({
  plan,
  rules,
  onChange,
}: {
  plan: BackupPlan;
  rules: StoreRules;
  onChange: (areas: StoreRules['areas']) => void;
}): ReactNode {
  const settle = (path: string, rule: Rule | undefined): void => {
    const { [path]: _, ...rest } = rules.areas;
    onChange(rule === undefined ? rest : { ...rest, [path]: rule });
  };
  const lines = areaLines(plan, Object.keys(rules.areas));
  if (lines.length === 0) {
    return <EmptyState title="No folders in the store">Files beside the folders are always in.</EmptyState>;
  }
  const columns: readonly Column<AreaLine>[] = [
    {
      id: 'path',
      header: 'Folder',
      compare: (a, b) => (a.path < b.path ? -1 : 1),
      cell: ({ path, role }) => (
        <span className={css.folder} title={role === undefined ? undefined : roleNames[role]}>
          {role === undefined ? null : <Swatch color={roleColor(role)} />}
          <b>{displayName(path)}</b>
        </span>
      ),
    },
    {
      id: 'files',
      header: 'Files in it',
      align: 'end',
      className: css.figure,
      compare: (a, b) => a.files - b.files,
      firstDirection: 'down',
      cell: ({ files }) => <Count value={files} />,
    },
    {
      id: 'bytes',
      header: 'In the backup',
      align: 'end',
      className: css.figure,
      compare: (a, b) => a.bytes - b.bytes,
      firstDirection: 'down',
      cell: ({ bytes }) => <Bytes value={bytes} />,
    },
    {
      id: 'left',
      header: 'Left out',
      align: 'end',
      className: css.figure,
      compare: (a, b) => a.left.bytes - b.left.bytes,
      firstDirection: 'down',
      cell: ({ left }) => (left.files === 0 ? <span className={css.quiet}>–</span> : <Bytes value={left.bytes} />),
    },
    {
      id: 'rule',
      header: 'Rule',
      className: css.rule,
      cell: ({ path, byLayout }) => (
        <AreaRule path={path} rule={rules.areas[path]} byLayout={byLayout} onChange={(rule) => settle(path, rule)} />
      ),
    },
  ];
  return (
    <VirtualTable
      label="Folders and their rules"
      className={css.areas}
      columns={columns}
      rows={lines}
      rowKey={({ path }) => path}
      rowHeight={44}
      onActivate={() => undefined}
    />
  );
}

function AreaRule({
  path,
  rule,
  byLayout,
  onChange,
}: {
  path: string;
  rule: Rule | undefined;
  byLayout: Rule | undefined;
  onChange: (rule: Rule | undefined) => void;
}): ReactNode {
  return (
    <span className={css.choice}>
      <Select<RuleKind>
        label={`Rule for ${displayName(path)}`}
        labelHidden
        value={kindOf(rule)}
        choices={[
          { value: 'none', label: byLayout === undefined ? 'No rule' : `Layout: ${inWords(byLayout)}` },
          { value: 'always', label: 'Always in' },
          { value: 'never', label: 'Never in' },
          { value: 'recent', label: 'Only recent files' },
        ]}
        onChange={(kind) =>
          onChange(kind === 'none' ? undefined : kind === 'recent' ? { recentDays: usualDays } : kind)
        }
      />
      {typeof rule === 'object' ? (
        <NumberField
          label={`Days for ${displayName(path)}`}
          labelHidden
          value={rule.recentDays}
          min={1}
          max={36_500}
          unit="days"
          onChange={(recentDays) => onChange({ recentDays })}
        />
      ) : null}
    </span>
  );
}
