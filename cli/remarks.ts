import type { GlobRemark } from '../shared/glob-remarks.ts';
import { printable } from './text.ts';

/** Of globs that cannot leave out what they seem to, a line each. */
export function remarksText(remarks: readonly GlobRemark[] = []): string {
  return remarks
    .map(
      ({ glob, why }) =>
        `Note: the rule ${JSON.stringify(printable(glob))} may leave nothing out: ${printable(why)}.\n`,
    )
    .join('');
}
