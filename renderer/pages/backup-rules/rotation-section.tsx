import { useMemo, useState, type ReactNode } from 'react';
import type { Backup, Retention, Store } from '../../../shared/contract/index.ts';
import { displayName } from '../../../shared/path-text.ts';
import { keepsEverything } from '../../../shared/retention.ts';
import { errorData, useCall } from '../../data/index.ts';
import {
  Button,
  CommandLine,
  ErrorState,
  larderCommand,
  Menu,
  NumberField,
  Panel,
  Select,
  Skeleton,
  Switch,
} from '../../design/index.ts';
import {
  folderOf,
  RemovalDialog,
  retentionOptions,
  rotationNumbers,
  rulesInWords,
} from '../../features/backups/index.ts';
import { presets, sameRules } from './rotation-model.ts';
import { Simulator } from './simulator.tsx';
import type { RulesChange } from './use-rules.ts';
import css from './rotation-section.module.css';

const noBackups: readonly Backup[] = [];
const most = 100_000;

/** How long backups are kept, with what that means for those there are, as the numbers are changed. */
export function RotationSection({ store, change }: { store: Store; change: RulesChange }): ReactNode {
  const { retention, rotate } = store.rules;
  const [draft, setDraft] = useState<Retention>();
  const rules = draft ?? retention;
  const changed = !sameRules(rules, retention);
  const list = useCall('backups.list', { store: store.id });
  const all = list.data?.backups ?? noBackups;
  const folders = useMemo(
    () => [...new Set([store.destination, ...all.filter((each) => each.store === store.id).map(folderOf)])],
    [all, store],
  );
  const [folder, setFolder] = useState(store.destination);
  const backups = useMemo(
    () => all.filter((backup) => backup.store === store.id && folderOf(backup) === folder),
    [all, store.id, folder],
  );
  const [planning, setPlanning] = useState(false);

  return (
    <>
      <Panel
        title="Keep"
        actions={
          <Menu
            label="Begin with"
            trigger={<Button size="small">Begin with…</Button>}
            items={presets.map((preset) => ({
              id: preset.label,
              label: preset.label,
              run: () => setDraft(preset.rules),
            }))}
          />
        }
      >
        <div className={css.numbers}>
          {rotationNumbers.map(({ key, label, hint }) => (
            <div key={key} className={css.number}>
              <NumberField
                label={label}
                value={rules[key]}
                min={0}
                max={most}
                live
                onChange={(value) => setDraft({ ...rules, [key]: value })}
              />
              <span className={css.hint}>{hint}</span>
            </div>
          ))}
          <div className={css.number}>
            <NumberField
              label="Within"
              value={rules.keepWithinDays ?? 0}
              min={0}
              max={most}
              unit="days"
              live
              onChange={(days) => {
                const { keepWithinDays: _, ...rest } = rules;
                setDraft(days === 0 ? rest : { ...rest, keepWithinDays: days });
              }}
            />
            <span className={css.hint}>everything made in them</span>
          </div>
        </div>
        <p className={css.sentence}>
          Keeps <b>{rulesInWords(rules)}</b>
          {keepsEverything(rules)
            ? '.'
            : ', and whatever the rules: pinned ones, the newest whole and the newest verified.'}
        </p>
        <div className={css.foot}>
          <Switch
            label="Apply after each backup"
            hint={
              keepsEverything(rules)
                ? 'With no rule there is nothing to remove.'
                : rotate
                  ? 'What the saved rules do not keep goes as soon as a new backup is whole.'
                  : 'Off: nothing goes unless you say so.'
            }
            checked={rotate}
            onChange={(next) => change({ rotate: next })}
          />
          <span className={css.buttons}>
            {changed ? <Button onClick={() => setDraft(undefined)}>Undo changes</Button> : null}
            <Button
              variant={changed ? 'primary' : 'plain'}
              disabledReason={changed ? undefined : 'These rules are saved'}
              onClick={() => change({ retention: rules }, () => setDraft(undefined))}
            >
              Save rules
            </Button>
          </span>
        </div>
      </Panel>
      <Panel
        title="What that means"
        actions={
          <>
            {folders.length > 1 ? (
              <Select
                label="Backup folder"
                labelHidden
                value={folder}
                choices={folders.map((path) => ({ value: path, label: displayName(path) }))}
                onChange={setFolder}
              />
            ) : null}
            <Button
              disabledReason={backups.length === 0 ? 'There is no backup in this folder' : undefined}
              onClick={() => setPlanning(true)}
            >
              Show what would be removed…
            </Button>
          </>
        }
      >
        {list.isError ? (
          <ErrorState error={errorData(list.error)} onRetry={() => void list.refetch()} />
        ) : list.data === undefined ? (
          <Skeleton what="Looking for backups" shape="block" />
        ) : (
          <Simulator backups={backups} rules={rules} />
        )}
        <CommandLine command={larderCommand('prune', store.name, ...retentionOptions(rules), '--dry-run')} />
      </Panel>
      {planning ? (
        <RemovalDialog
          store={store}
          destination={folder}
          wish={{ retention: rules }}
          backups={backups}
          onClose={() => setPlanning(false)}
        />
      ) : null}
    </>
  );
}
