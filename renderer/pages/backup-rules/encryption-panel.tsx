import { useId, useState, type ReactNode } from 'react';
import { KeyRound } from 'lucide-react';
import type { Store } from '../../../shared/contract/index.ts';
import { errorData, useAction } from '../../data/index.ts';
import { Button, ErrorState, Field, FileField, Note, Panel, RadioCards } from '../../design/index.ts';
import { CreateIdentityDialog, KeepingNote, NewPassphraseFields } from '../../features/secrets/index.ts';
import { draftOf, encryptionOf, recipientsIn, type EncryptionDraft } from './encryption-form.ts';
import type { RulesChange } from './use-rules.ts';
import css from './keeping-section.module.css';

interface DraftProps {
  draft: EncryptionDraft;
  setDraft: (draft: EncryptionDraft) => void;
}

/** Whether and how further backups of a store are encrypted. */
export function EncryptionPanel({
  store,
  change,
  busy,
}: {
  store: Store;
  change: RulesChange;
  busy: boolean;
}): ReactNode {
  const settled = draftOf(store.rules.encryption);
  const [draft, setDraft] = useState(settled);
  const setPassphrase = useAction('secrets.setPassphrase');
  const wanted = encryptionOf(draft);
  const changed = JSON.stringify(draft) !== JSON.stringify(settled);
  const save = (): void => {
    if ('value' in wanted) change({ encryption: wanted.value });
    if ('passphrase' in wanted) setPassphrase.mutate({ store: store.id, passphrase: wanted.passphrase });
  };
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
                Whoever knows the passphrase opens them. Larder keeps it and uses it by itself.
                {draft.kind === 'passphrase' ? (
                  <Passphrase draft={draft} setDraft={setDraft} settled={settled} />
                ) : null}
              </>
            ),
          },
          {
            value: 'file',
            label: 'With a passphrase in a file',
            children: (
              <>
                Larder reads it from the first line of a file that you name and keeps only the file’s path.
                {draft.kind === 'file' ? (
                  <div className={css.fields}>
                    <FileField
                      label="Passphrase file"
                      chooseTitle="Choose the passphrase file"
                      mode="open"
                      value={draft.passphraseFile}
                      onChange={(passphraseFile) => setDraft({ ...draft, passphraseFile })}
                      placeholder="backup-passphrase.txt"
                      hint="Only your user may be able to read it. Not in the store and not in the backup folder."
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
                {draft.kind === 'recipients' ? <Recipients draft={draft} setDraft={setDraft} /> : null}
              </>
            ),
          },
        ]}
      />
      {draft.kind === 'off' ? null : (
        <div className={css.warning}>
          <Note tone="warn" title="Without the key the data cannot be got back">
            {draft.kind === 'recipients'
              ? 'If every identity that belongs to these keys is lost, nobody can open these backups: not you, not Larder, not its makers. '
              : 'If the passphrase is lost, nobody can open these backups: not you, not Larder, not its makers. '}
            Keep a copy somewhere else, not on this disk and not in the backup folder.
          </Note>
        </div>
      )}
      {setPassphrase.isError ? <ErrorState error={errorData(setPassphrase.error)} compact /> : null}
      <div className={css.foot}>
        <p className={css.quiet}>
          Backups made before stay as they are, with the key they were made with. After a change the next backup is a
          full one.
        </p>
        {changed ? <Button onClick={() => setDraft(settled)}>Undo changes</Button> : null}
        <Button
          variant={changed ? 'primary' : 'plain'}
          busy={busy || setPassphrase.isPending}
          disabledReason={!changed ? 'This is settled' : 'problem' in wanted ? wanted.problem : undefined}
          onClick={save}
        >
          Save encryption
        </Button>
      </div>
    </Panel>
  );
}

function Passphrase({ draft, setDraft, settled }: DraftProps & { settled: EncryptionDraft }): ReactNode {
  if (draft.kept !== undefined) {
    return (
      <div className={css.fields}>
        <p>Larder has the passphrase for these backups.</p>
        <KeepingNote />
        <div>
          <Button size="small" icon={KeyRound} onClick={() => setDraft({ ...draft, kept: undefined })}>
            Change the passphrase…
          </Button>
        </div>
      </div>
    );
  }
  return (
    <div className={css.fields}>
      {settled.kind === 'off' ? null : (
        <Note title="Older backups keep the key they were made with">
          Larder keeps the old one as well and tries both. Keep the old one written down, too, as long as there are such
          backups.
        </Note>
      )}
      <NewPassphraseFields value={draft.passphrase} onChange={(passphrase) => setDraft({ ...draft, passphrase })} />
      <KeepingNote />
    </div>
  );
}

function Recipients({ draft, setDraft }: DraftProps): ReactNode {
  const id = useId();
  const [making, setMaking] = useState(false);
  // The file's fields hold what is typed, so a path that comes from elsewhere makes them anew.
  const [made, setMade] = useState(0);
  return (
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
      <div key={made}>
        <FileField
          label="Identity file"
          chooseTitle="Choose the identity file"
          mode="open"
          value={draft.identityFile}
          onChange={(identityFile) => setDraft({ ...draft, identityFile })}
          placeholder="larder-identity.txt"
          hint="Without one, backups are made but cannot be looked into here."
        />
      </div>
      <div>
        <Button size="small" icon={KeyRound} onClick={() => setMaking(true)}>
          Make a new key…
        </Button>
      </div>
      {making ? (
        <CreateIdentityDialog
          onClose={() => setMaking(false)}
          onMade={(recipient, identityFile) => {
            const recipients = [...recipientsIn(draft.recipients), recipient].join('\n');
            setDraft({ ...draft, recipients, identityFile });
            setMade(made + 1);
          }}
        />
      ) : null}
    </div>
  );
}
