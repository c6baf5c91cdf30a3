import { basename, dirname, isAbsolute } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { KeptSecret, ParsedInput } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { createIdentity, KeyRing, readIdentities } from '../age/index.ts';
import type { Capability, EngineContext } from '../context.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import { assertOutsideStores } from '../stores/index.ts';
import type { Stores } from '../stores/index.ts';
import type { SecretRecord } from './records.ts';
import type { Key, Secrets } from './secrets.ts';

/** The `secrets` domain: keeping, using and forgetting keys. No answer, event or error holds one. */
export function createSecrets(
  context: Omit<EngineContext, 'stores'> & { readonly stores: Stores },
  secrets: Secrets,
): Capability<'secrets'> {
  const { fs, stores, clock } = context;

  /** What was kept may open backups that could not be read until now. */
  function changed(): void {
    context.emit('secrets.changed', {});
    context.emit('backups.changed', {});
  }

  function keyFrom({ passphrase, identityFile }: ParsedInput<'secrets.unlock'>): Key {
    if (passphrase !== undefined && identityFile === undefined) return { passphrase };
    if (passphrase === undefined && identityFile !== undefined) {
      return { identity: readIdentities(fs, identityFile).text, from: identityFile };
    }
    throw new LarderError('INVALID_INPUT', 'One key is tried at a time.', {
      hint: 'Give a passphrase or an identity file.',
    });
  }

  function describe(record: SecretRecord): KeptSecret {
    const { id, kind, keptIn, label, keptAtMs, value } = record;
    const store = stores.list().find((each) => each.id === record.store);
    return {
      id,
      kind,
      keptIn,
      ...(keptIn === 'named' ? { file: value } : {}),
      ...(store === undefined ? {} : { store: store.id }),
      label,
      keptAtMs,
      inUse: usersOf(id).length > 0,
    };
  }

  function usersOf(id: string): string[] {
    return stores
      .list()
      .filter(({ rules: { encryption } }) => encryption !== undefined && 'kept' in encryption && encryption.kept === id)
      .map(({ name }) => name);
  }

  return {
    handlers: {
      async list() {
        return { keeping: await secrets.keeping(), secrets: secrets.records.list().records.map(describe) };
      },
      async setPassphrase({ store: id, passphrase }) {
        const store = stores.get(id);
        const record = await secrets.keep({ passphrase }, { store: store.id, label: `Backups of ${store.name}` });
        secrets.rememberFormer(store);
        const updated = stores.update(store.id, { rules: { encryption: { kind: 'passphrase', kept: record.id } } });
        changed();
        return { store: updated, keeping: await secrets.keeping() };
      },
      async unlock(input, { signal }) {
        const { file, remember } = input;
        if (!isAbsolute(file)) throw new LarderError('INVALID_INPUT', 'Name the backup by its absolute path.');
        const key = keyFrom(input);
        const keys =
          'passphrase' in key
            ? { passphrases: [key.passphrase], identities: [] }
            : { passphrases: [], identities: readIdentities(fs, key.from).identities };
        const found = (await new KeyRing(fs, context.pool).unlock([file], keys, signal))[file];
        if (!(found instanceof Uint8Array))
          throw whyNot(file, key, found === undefined ? undefined : LarderError.fromData(found));
        if (remember) {
          const owner = stores.list().find(({ destination }) => destination === dirname(file));
          const label = `Backups in ${displayName(dirname(file))}`;
          await secrets.keep(key, {
            store: owner?.id,
            label: owner === undefined ? label : `Backups of ${owner.name}`,
          });
        } else secrets.use(key);
        changed();
        return { ok: true };
      },
      forget({ secret }) {
        const record = secrets.records.get(secret);
        const users = usersOf(record.id);
        if (users.length > 0) {
          throw new LarderError('INVALID_INPUT', `New backups of ${users.join(', ')} are encrypted with it.`, {
            hint: 'Choose another passphrase or switch encryption off first.',
          });
        }
        secrets.records.remove(record.id);
        changed();
        return { ok: true };
      },
      createIdentity({ file }) {
        if (!isAbsolute(file)) throw new LarderError('INVALID_INPUT', `${displayName(file)} is not an absolute path.`);
        assertOutsideStores(fs, stores.list(), file, 'identity');
        const made = createIdentity(new Date(clock()));
        try {
          // Never over something: it might be a key.
          const fd = fs.open(file, 'wx', 0o600);
          try {
            fs.write(fd, Buffer.from(made.file));
            fs.fsync(fd);
          } finally {
            fs.close(fd);
          }
          fs.fsyncDirectory(dirname(file));
        } catch (error) {
          if (!isSystemError(error, 'EEXIST')) throw toLarderError(error, file);
          throw new LarderError('INVALID_INPUT', `${displayName(file)} is there already, and it is not overwritten.`, {
            hint: 'Choose another name.',
            details: { path: file },
          });
        }
        return { file, recipient: made.recipient };
      },
    },
  };
}

/** Why a key that was just given does not open a file, in words about that key. */
function whyNot(file: string, key: Key, error: LarderError | undefined): LarderError {
  if (error?.details?.['fix'] !== 'unlock')
    return error ?? new LarderError('INTERNAL', 'The backup was not looked at.');
  const shown = displayName(basename(file));
  const { details } = error;
  const needs = details['needs'];
  if ('passphrase' in key && needs === 'identity') {
    return new LarderError('PERMISSION', `${shown} is encrypted for public keys, not with a passphrase.`, {
      hint: 'Name the identity file of one of its recipients.',
      details,
    });
  }
  if (!('passphrase' in key) && needs === 'passphrase') {
    return new LarderError('PERMISSION', `${shown} is encrypted with a passphrase, not for public keys.`, {
      hint: 'Enter its passphrase.',
      details,
    });
  }
  return 'passphrase' in key
    ? new LarderError('PERMISSION', `This is not the passphrase of ${shown}.`, {
        hint: 'Look at capitals, spaces and the keyboard’s language. Older backups may have an older passphrase.',
        details,
      })
    : new LarderError('PERMISSION', `The identities in ${displayName(key.from)} do not open ${shown}.`, {
        hint: 'It was encrypted for other recipients. Name the identity file of one of them.',
        details,
      });
}
