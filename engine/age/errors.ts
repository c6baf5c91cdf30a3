import { LarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { HeaderError } from './header.ts';

export const cutOff = 'is cut off';

/** `CORRUPT`, with `details.damage` as the checks of archives know it. `clause` follows the file's name. */
export function corrupt(path: string, clause: string, damage: 'truncated' | 'digest' | 'structure'): LarderError {
  return new LarderError('CORRUPT', `${displayName(path)} ${clause}.`, {
    hint: 'Other backups are not affected. Verify them, and make a new one.',
    details: { path, damage },
  });
}

/** What is wrong with a header, as an error that names the file. */
export function headerProblem(error: unknown, path: string): unknown {
  if (error instanceof LarderError && error.details?.['path'] === undefined) {
    const { code, message, hint, details } = error;
    return new LarderError(code, `${displayName(path)}: ${message}`, { hint, details: { ...details, path } });
  }
  if (!(error instanceof HeaderError)) return error;
  if (error.kind === 'version') {
    return new LarderError('UNSUPPORTED', `${displayName(path)} ${error.message}.`, {
      hint: 'A newer Larder, or the age command, may read it.',
      details: { path },
    });
  }
  return corrupt(path, error.message, 'structure');
}

/**
 * `PERMISSION` with `details.fix` `unlock` and `details.needs`: the file is whole as far as one can see, and none of the
 * keys opens it.
 */
export function locked(path: string, by: 'passphrase' | 'identity', tried: number): LarderError {
  const shown = displayName(path);
  const details = { path, fix: 'unlock', needs: by };
  if (by === 'passphrase') {
    const hint = 'Enter its passphrase, or name the file that holds it.';
    return tried === 0
      ? new LarderError('PERMISSION', `${shown} is encrypted with a passphrase, and it is not known here.`, {
          hint,
          details,
        })
      : new LarderError('PERMISSION', `${shown} was encrypted with another passphrase than those known here.`, {
          hint,
          details,
        });
  }
  const hint = 'Name the identity file of one of its recipients.';
  return tried === 0
    ? new LarderError(
        'PERMISSION',
        `${shown} is encrypted for public keys, and there is no identity here to open it.`,
        {
          hint,
          details,
        },
      )
    : new LarderError('PERMISSION', `${shown} was encrypted for other recipients: no identity here opens it.`, {
        hint,
        details,
      });
}
