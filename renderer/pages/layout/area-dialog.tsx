import { useId, useState, type ReactNode } from 'react';
import type { AreaBackup, AreaCleanup, Role, Store, StoreLayout } from '../../../shared/contract/index.ts';
import { areaPath } from '../../../shared/area-path.ts';
import { displayName } from '../../../shared/path-text.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { useCall } from '../../data/index.ts';
import {
  Button,
  Dialog,
  Note,
  NumberField,
  roleNames,
  roleOrder,
  Select,
  Switch,
  TextField,
  useDebounced,
} from '../../design/index.ts';
import { backupWords } from '../../features/layouts/index.ts';
import { newArea, pathProblem, type AreaRow, type AreaValues } from './draft.ts';
import css from './area-dialog.module.css';

const modeOf = /^[0-7]{3,4}$/;
const ownerOf = /^\d{1,10}:\d{1,10}$/;
/** Of a value that an area does not have. */
function unsaid(whole: string | undefined): string {
  return whole === undefined ? 'not said' : `${whole}, as the store`;
}

const modeError = 'Permission bits in octal, for example 755.';
const ownerError = 'User and group in numbers, for example 1001:1001.';

/** One area and its rules; with no row a new one. */
export function AreaDialog({
  store,
  row,
  rows,
  whole,
  onClose,
  onSave,
}: {
  store: Store;
  /** What holds where the area says nothing. */
  whole: Pick<StoreLayout, 'directoryMode' | 'fileMode' | 'owner'>;
  row: AreaRow | undefined;
  rows: readonly AreaRow[];
  onClose: () => void;
  onSave: (path: string, values: AreaValues) => void;
}): ReactNode {
  const [path, setPath] = useState('');
  const [values, setValues] = useState<AreaValues>(row?.values ?? newArea('model'));
  const [shownProblems, setShownProblems] = useState(false);
  const put = (change: Partial<AreaValues>): void => setValues({ ...values, ...change });
  const problem = row === undefined ? pathProblem(path, rows) : undefined;
  const wrongMode = (mode: string | undefined): string | undefined =>
    mode === undefined || modeOf.test(mode) ? undefined : modeError;
  const wrongOwner = values.owner === undefined || ownerOf.test(values.owner) ? undefined : ownerError;
  const blocked = problem ?? wrongMode(values.directoryMode) ?? wrongMode(values.fileMode) ?? wrongOwner;
  const own = row?.area?.backupRule.from === 'yours' ? row.area.backupRule.rule : undefined;
  const submit = (): void => {
    setShownProblems(true);
    if (blocked !== undefined) return;
    onSave(row?.path ?? areaPath(path.trim()) ?? path.trim(), values);
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={row === undefined ? 'Add an area' : row.path === '' ? 'The folder itself' : displayName(row.path)}
      description={
        row?.area?.guess === true
          ? `Guessed: ${displayName(row.area.why ?? 'by its name')}. Taken over here, it is no guess any more.`
          : row?.path === ''
            ? 'Everything that lies in no other area.'
            : undefined
      }
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" disabledReason={shownProblems ? blocked : undefined} onClick={submit}>
            {row === undefined ? 'Add area' : 'Take over'}
          </Button>
        </>
      }
    >
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {row === undefined ? (
          <PathField
            store={store}
            rows={rows}
            value={path}
            onChange={setPath}
            error={shownProblems ? problem : undefined}
          />
        ) : null}
        <div className={css.two}>
          <Select<Role>
            label="Role"
            value={values.role}
            choices={roleOrder.map((role) => ({ value: role, label: roleNames[role] }))}
            onChange={(role) => put({ role })}
          />
          <TextField
            label="Called"
            value={values.title ?? ''}
            maxLength={200}
            placeholder="As its path"
            onChange={(title) => put({ title: title === '' ? undefined : title })}
          />
        </div>
        <BackupRule rule={values.backup} onChange={(backup) => put({ backup })} />
        {own === undefined ? null : (
          <Note tone="info" title={`Your own rule holds: ${backupWords(own).toLowerCase()}`}>
            A rule of your own comes before the layout’s.{' '}
            <a className={css.link} href={href(pagePaths.backupRules(store.id, 'contents'))}>
              Show your rules
            </a>
          </Note>
        )}
        <CleanupRule rule={values.cleanup} onChange={(cleanup) => put({ cleanup })} />
        <div className={css.two}>
          <Switch
            label="Required"
            hint="It is a fault when the folder is not there."
            checked={values.required}
            onChange={(required) => put({ required })}
          />
          <Switch
            label="A running service writes to it"
            hint="Backups capture it as such."
            checked={values.capture === 'live'}
            onChange={(live) => put({ capture: live ? 'live' : undefined })}
          />
          <Switch
            label="Files do not change once written"
            hint="Health tells of one that does."
            checked={values.immutable === true}
            onChange={(on) => put({ immutable: on ? true : undefined })}
          />
        </div>
        <div className={css.three}>
          <TextField
            label="Permission of folders"
            value={values.directoryMode ?? ''}
            mono
            placeholder={unsaid(whole.directoryMode)}
            error={wrongMode(values.directoryMode)}
            onChange={(mode) => put({ directoryMode: mode === '' ? undefined : mode })}
          />
          <TextField
            label="Permission of files"
            value={values.fileMode ?? ''}
            mono
            placeholder={unsaid(whole.fileMode)}
            error={wrongMode(values.fileMode)}
            onChange={(mode) => put({ fileMode: mode === '' ? undefined : mode })}
          />
          <TextField
            label="Owner"
            value={values.owner ?? ''}
            mono
            placeholder={unsaid(whole.owner)}
            error={wrongOwner}
            onChange={(owner) => put({ owner: owner === '' ? undefined : owner })}
          />
        </div>
        <button type="submit" hidden aria-hidden="true" tabIndex={-1} />
      </form>
    </Dialog>
  );
}

/** A path in the store: of a folder that exists, or a new one. */
function PathField({
  store,
  rows,
  value,
  onChange,
  error,
}: {
  store: Store;
  rows: readonly AreaRow[];
  value: string;
  onChange: (path: string) => void;
  error: string | undefined;
}): ReactNode {
  const id = useId();
  const typed = useDebounced(value.trim());
  const above = typed.includes('/') ? typed.slice(0, typed.lastIndexOf('/')) : '';
  const parent = areaPath(above) ?? '';
  const listing = useCall('usage.children', { store: store.id, path: parent }, { keepPrevious: true });
  const folders =
    listing.data?.entries
      .filter(({ kind }) => kind === 'dir')
      .map(({ name }) => (listing.data.path === '' ? name : `${listing.data.path}/${name}`))
      .filter((path) => pathProblem(path, rows) === undefined) ?? [];
  const there = folders.includes(value.trim().replace(/\/+$/, ''));
  return (
    <>
      <TextField
        label="Path in the store"
        value={value}
        onChange={onChange}
        mono
        list={`${id}-folders`}
        maxLength={4_000}
        placeholder="embeddings"
        error={error}
        hint={
          value.trim() === ''
            ? 'A folder that is there, or one to come. A * stands for any part of one name: models--*.'
            : there
              ? 'This folder is there.'
              : 'No folder of this path yet; “Set up what is missing” makes it when it is required.'
        }
      />
      <datalist id={`${id}-folders`}>
        {folders.map((path) => (
          <option key={path} value={path} />
        ))}
      </datalist>
      {value === '' && folders.length > 0 ? (
        <div className={css.folders} role="group" aria-label="Folders without an area of their own">
          {folders.slice(0, 8).map((path) => (
            <Button key={path} size="small" onClick={() => onChange(path)}>
              {displayName(path)}
            </Button>
          ))}
        </div>
      ) : null}
    </>
  );
}

type BackupKind = 'always' | 'never' | 'recent';

function BackupRule({ rule, onChange }: { rule: AreaBackup; onChange: (rule: AreaBackup) => void }): ReactNode {
  const kind: BackupKind = typeof rule === 'string' ? rule : 'recent';
  return (
    <div className={css.rule}>
      <Select<BackupKind>
        label="In backups"
        value={kind}
        choices={[
          { value: 'always', label: 'Always' },
          { value: 'recent', label: 'Only recent files' },
          { value: 'never', label: 'Never' },
        ]}
        onChange={(next) => onChange(next === 'recent' ? { recentDays: 7 } : next)}
      />
      {typeof rule === 'object' ? (
        <NumberField
          label="Changed in the last"
          value={rule.recentDays}
          min={1}
          max={36_500}
          unit="days"
          live
          onChange={(recentDays) => onChange({ recentDays })}
        />
      ) : null}
    </div>
  );
}

type CleanupKind = 'never' | 'hours' | 'days' | 'retention';

function CleanupRule({ rule, onChange }: { rule: AreaCleanup; onChange: (rule: AreaCleanup) => void }): ReactNode {
  const kind: CleanupKind = typeof rule === 'string' ? rule : 'olderThanHours' in rule ? 'hours' : 'days';
  const only = typeof rule === 'object' && rule.only !== undefined ? { only: rule.only } : {};
  const pick = (next: CleanupKind): AreaCleanup =>
    next === 'hours' ? { olderThanHours: 24, ...only } : next === 'days' ? { olderThanDays: 30, ...only } : next;
  return (
    <div className={css.rule}>
      <Select<CleanupKind>
        label="Cleaned up"
        value={kind}
        choices={[
          { value: 'never', label: 'Never' },
          { value: 'hours', label: 'Files older than hours' },
          { value: 'days', label: 'Files older than days' },
          { value: 'retention', label: 'Backups, by rotation' },
        ]}
        onChange={(next) => onChange(pick(next))}
      />
      {typeof rule === 'string' ? null : 'olderThanHours' in rule ? (
        <NumberField
          label="Older than"
          value={rule.olderThanHours}
          min={1}
          max={876_000}
          unit="hours"
          live
          onChange={(olderThanHours) => onChange({ olderThanHours, ...only })}
        />
      ) : (
        <NumberField
          label="Older than"
          value={rule.olderThanDays}
          min={1}
          max={36_500}
          unit="days"
          live
          onChange={(olderThanDays) => onChange({ olderThanDays, ...only })}
        />
      )}
      {'only' in only ? <p className={css.only}>Only files like {only.only.join(', ')}</p> : null}
    </div>
  );
}
