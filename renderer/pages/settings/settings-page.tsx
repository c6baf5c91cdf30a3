import type { ReactNode } from 'react';
import type { ArchiveFormat, Settings } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { ActionButton } from '../../app/actions/index.ts';
import { Page, PageHeader } from '../../app/frame/index.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { errorData, useAction, useCall, useStores, useSystemInfo } from '../../data/index.ts';
import { ButtonLink, ErrorState, Panel, SegmentedControl, Skeleton, Switch, type Choice } from '../../design/index.ts';
import { rulesInWords } from '../../features/backups/index.ts';
import { DoctorPanel } from './doctor-panel.tsx';
import { NumberSetting } from './number-setting.tsx';
import css from './settings-page.module.css';

const themes: readonly Choice<Settings['theme']>[] = [
  { value: 'system', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];
const formats: readonly Choice<ArchiveFormat>[] = [
  { value: 'zst', label: 'zstd' },
  { value: 'gz', label: 'gzip' },
  { value: 'tar', label: 'None' },
];
const formatHints: Readonly<Record<ArchiveFormat, string>> = {
  zst: 'Small and fast. Opens with tar where zstd is installed.',
  gz: 'Opens with tar everywhere; slower and larger than zstd.',
  tar: 'As large as the data; the fastest, and read by everything.',
};

/** What can be changed, and what each change does. Everything takes effect at once. */
export function SettingsPage(): ReactNode {
  const settings = useCall('settings.get', {});
  const set = useAction('settings.set');
  const change = (changes: Partial<Settings>): void => set.mutate(changes);
  const value = settings.data;
  return (
    <Page label="Settings">
      <PageHeader title="Settings">
        <ActionButton action="app.shortcuts" variant="quiet" />
        <ActionButton action="app.signOut" />
      </PageHeader>
      {set.isError ? <ErrorState error={errorData(set.error)} /> : null}
      {settings.isError ? (
        <ErrorState error={errorData(settings.error)} onRetry={() => void settings.refetch()} />
      ) : value === undefined ? (
        <Panel>
          <Skeleton what="Asking for the settings" lines={6} />
        </Panel>
      ) : (
        <div className={css.columns}>
          <Panel title="Appearance">
            <Setting name="Theme" hint="Colours of the whole interface.">
              <SegmentedControl
                label="Theme"
                value={value.theme}
                choices={themes}
                onChange={(theme) => change({ theme })}
              />
            </Setting>
          </Panel>
          <Panel title="Backups">
            <Setting name="Compression" hint={formatHints[value.format]}>
              <FormatChoice value={value.format} onChange={(format) => change({ format })} />
            </Setting>
            <Setting
              name="Verify after each backup"
              hint="Reads the new archive again and compares every stored byte’s digest."
            >
              <Switch
                label="Verify after each backup"
                labelHidden
                checked={value.verifyAfterBackup}
                onChange={(verifyAfterBackup) => change({ verifyAfterBackup })}
              />
            </Setting>
          </Panel>
          <StoresPanel />
          <Panel title="Restore">
            <Setting
              name="Keep replaced files"
              hint="How long a restore can be undone. The old files take space until then."
            >
              <NumberSetting
                label="Days replaced files are kept"
                unit="days"
                value={value.undoDays}
                least={1}
                most={365}
                onChange={(undoDays) => change({ undoDays })}
              />
            </Setting>
          </Panel>
          <Panel title="Health">
            <Setting
              name="Check on schedule"
              hint="The checks of every store run by themselves. After changes they run in any case."
            >
              <Switch
                label="Check on schedule"
                labelHidden
                checked={value.healthScheduled}
                onChange={(healthScheduled) => change({ healthScheduled })}
              />
            </Setting>
            {value.healthScheduled ? (
              <Setting name="Every" hint="While Larder runs. Looking at 300,000 files takes about three seconds.">
                <NumberSetting
                  label="Hours between checks"
                  unit="hours"
                  value={value.healthEveryHours}
                  least={1}
                  most={720}
                  onChange={(healthEveryHours) => change({ healthEveryHours })}
                />
              </Setting>
            ) : null}
          </Panel>
          <AboutPanel />
        </div>
      )}
      <DoctorPanel />
    </Page>
  );
}

/** Where the rules of each store are. */
function StoresPanel(): ReactNode {
  const stores = useStores().data?.stores ?? [];
  if (stores.length === 0) return null;
  return (
    <Panel title="Rules of each store">
      {stores.map((store) => (
        <Setting
          key={store.id}
          name={store.name}
          hint={
            <>
              Keeps {rulesInWords(store.rules.retention)}
              {store.rules.rotate ? ', applied after each backup' : '; nothing goes by itself'}
              {store.rules.encryption === undefined ? '' : '; encrypted'}
              {store.rules.exclude.length === 0
                ? ''
                : `; ${formatQuantity(store.rules.exclude.length, 'pattern')} left out`}
              .
            </>
          }
        >
          <ButtonLink size="small" href={href(pagePaths.backupRules(store.id))}>
            Change…
          </ButtonLink>
        </Setting>
      ))}
    </Panel>
  );
}

function Setting({ name, hint, children }: { name: string; hint: ReactNode; children: ReactNode }): ReactNode {
  return (
    <div className={css.setting}>
      <div className={css.words}>
        <h3>{name}</h3>
        <p className={css.hint}>{hint}</p>
      </div>
      <div className={css.control}>{children}</div>
    </div>
  );
}

function FormatChoice({
  value,
  onChange,
}: {
  value: ArchiveFormat;
  onChange: (format: ArchiveFormat) => void;
}): ReactNode {
  const zstd = useSystemInfo()?.zstd;
  return (
    <>
      <SegmentedControl
        label="Compression"
        value={value}
        choices={zstd === false ? formats.filter((each) => each.value !== 'zst') : formats}
        onChange={onChange}
      />
      {zstd === false ? <p className={css.hint}>This machine cannot compress zstd; gzip is used.</p> : null}
    </>
  );
}

function AboutPanel(): ReactNode {
  const info = useSystemInfo();
  return (
    <Panel title="This Larder">
      {info === undefined ? (
        <Skeleton what="Asking what this Larder is" lines={3} />
      ) : (
        <dl className={css.facts}>
          <dt>Version</dt>
          <dd>{info.version}</dd>
          <dt>Runs on</dt>
          <dd>
            {info.hostname} · {info.platform} · Node {info.node}
          </dd>
          <dt>Keeps its state in</dt>
          <dd>
            <code>{displayName(info.home)}</code>
            <span className={css.hint}>Settings, history and the job log. Backups do not need it.</span>
          </dd>
        </dl>
      )}
    </Panel>
  );
}
