import type { ReactNode } from 'react';
import type { ArchiveFormat, Settings, Store } from '../../../shared/contract/index.ts';
import { errorData, useAction, useSettings, useSystemInfo } from '../../data/index.ts';
import { ErrorState, Panel, SegmentedControl, Switch, type Choice } from '../../design/index.ts';
import { KeptKeys } from '../../features/secrets/index.ts';
import { EncryptionPanel } from './encryption-panel.tsx';
import type { RulesChange } from './use-rules.ts';
import css from './keeping-section.module.css';

/** How backups of a store are written. */
export function KeepingSection({
  store,
  change,
  busy,
}: {
  store: Store;
  change: RulesChange;
  busy: boolean;
}): ReactNode {
  return (
    <>
      <Panel title="Archives">
        <Switch
          label="Every backup holds everything itself"
          hint="On: each is full, needs no other and can be moved alone; it takes as long and as much space as the first. Off: a backup reads only what changed and draws on older archives for the rest."
          checked={store.rules.selfContained}
          onChange={(selfContained) => change({ selfContained })}
        />
      </Panel>
      <EncryptionPanel key={JSON.stringify(store.rules.encryption ?? null)} store={store} change={change} busy={busy} />
      <KeptKeys />
      <AllStores />
    </>
  );
}

const formats: readonly Choice<ArchiveFormat>[] = [
  { value: 'zst', label: 'zstd' },
  { value: 'gz', label: 'gzip' },
  { value: 'tar', label: 'None' },
];

/** What is the same for all stores; it is settled on the Settings page, too. */
function AllStores(): ReactNode {
  const settings = useSettings();
  const zstd = useSystemInfo()?.zstd;
  const set = useAction('settings.set');
  const change = (changes: Partial<Settings>): void => set.mutate(changes);
  return (
    <Panel title="The same for all stores">
      {set.isError ? <ErrorState error={errorData(set.error)} compact /> : null}
      {settings === undefined ? null : (
        <div className={css.same}>
          <Switch
            label="Verify after each backup"
            hint="Reads what was written again and compares every stored byte’s digest."
            checked={settings.verifyAfterBackup}
            onChange={(verifyAfterBackup) => change({ verifyAfterBackup })}
          />
          <div className={css.format}>
            <span>Compression</span>
            <SegmentedControl
              label="Compression"
              value={settings.format}
              choices={zstd === false ? formats.filter(({ value }) => value !== 'zst') : formats}
              onChange={(format) => change({ format })}
            />
          </div>
        </div>
      )}
    </Panel>
  );
}
