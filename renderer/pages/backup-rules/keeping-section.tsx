import { useId, useState, type ReactNode } from 'react';
import type { ArchiveFormat, Settings, Store } from '../../../shared/contract/index.ts';
import { errorData, useAction, useSettings, useSystemInfo } from '../../data/index.ts';
import {
  Button,
  ErrorState,
  Field,
  FileField,
  Note,
  Panel,
  RadioCards,
  SegmentedControl,
  Switch,
  type Choice,
} from '../../design/index.ts';
import { draftOf, encryptionOf } from './encryption-form.ts';
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
      <AllStores />
    </>
  );
}

function EncryptionPanel({ store, change, busy }: { store: Store; change: RulesChange; busy: boolean }): ReactNode {
  const id = useId();
  const settled = draftOf(store.rules.encryption);
  const [draft, setDraft] = useState(settled);
  const wanted = encryptionOf(draft);
  const changed = JSON.stringify(draft) !== JSON.stringify(settled);
  return (
    <Panel title="Encryption">
      <RadioCards
        label="Encryption"
        value={draft.kind}
        onChange={(kind) => setDraft({ ...draft, kind })}
        cards={[
          {
            value: 'off',
            label: 'Off',
            children: 'Whoever can read the backup folder can read what is in the backups.',
          },
          {
            value: 'passphrase',
            label: 'With a passphrase',
            children: (
              <>
                Whoever knows the passphrase opens them. Larder reads it from the first line of a file that you name and
                keeps only the file’s path.
                {draft.kind === 'passphrase' ? (
                  <div className={css.fields}>
                    <FileField
                      folderLabel="Folder of the passphrase file"
                      nameLabel="Passphrase file"
                      chooseTitle="Choose the folder of the passphrase file"
                      value={draft.passphraseFile}
                      onChange={(passphraseFile) => setDraft({ ...draft, passphraseFile })}
                      placeholder="backup-passphrase.txt"
                    />
                  </div>
                ) : null}
              </>
            ),
          },
          {
            value: 'recipients',
            label: 'For public keys',
            children: (
              <>
                Each of these age keys alone opens them. Making a backup needs only public keys; listing, verifying,
                comparing and restoring need an identity here.
                {draft.kind === 'recipients' ? (
                  <div className={css.fields}>
                    <Field label="Public keys, one a line" htmlFor={`${id}-recipients`}>
                      <textarea
                        id={`${id}-recipients`}
                        className={css.keys}
                        rows={3}
                        spellCheck={false}
                        placeholder="age1…"
                        value={draft.recipients}
                        onChange={(event) => setDraft({ ...draft, recipients: event.currentTarget.value })}
                      />
                    </Field>
                    <FileField
                      folderLabel="Folder of the identity file"
                      nameLabel="Identity file"
                      chooseTitle="Choose the folder of the identity file"
                      value={draft.identityFile}
                      onChange={(identityFile) => setDraft({ ...draft, identityFile })}
                      placeholder="larder-identity.txt"
                      hint="Without one, backups are made but cannot be looked into here."
                    />
                  </div>
                ) : null}
              </>
            ),
          },
        ]}
      />
      {draft.kind === 'off' ? null : (
        <div className={css.warning}>
          <Note tone="warn" title="Without the key the data cannot be got back">
            {draft.kind === 'passphrase'
              ? 'If the passphrase is lost, nobody can open these backups: not you, not Larder, not its makers. '
              : 'If every identity that belongs to these keys is lost, nobody can open these backups: not you, not Larder, not its makers. '}
            Keep a copy somewhere else, not on this disk and not in the backup folder.
          </Note>
        </div>
      )}
      <div className={css.foot}>
        <p className={css.quiet}>Backups made before stay as they are. After a change the next backup is a full one.</p>
        {changed ? <Button onClick={() => setDraft(settled)}>Undo changes</Button> : null}
        <Button
          variant={changed ? 'primary' : 'plain'}
          busy={busy}
          disabledReason={'problem' in wanted ? wanted.problem : changed ? undefined : 'This is settled'}
          onClick={() => {
            if ('value' in wanted) change({ encryption: wanted.value });
          }}
        >
          Save encryption
        </Button>
      </div>
    </Panel>
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
