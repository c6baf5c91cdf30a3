import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** Everything of a tree that a restore must give back, a line an entry; names as bytes, so that none is lost. */
export function describeTree(root: string): string[] {
  const lines: string[] = [];
  const visit = (path: Buffer, shown: string): void => {
    const stat = lstatSync(path, { bigint: true });
    const mode = (stat.mode & 0o7777n).toString(8);
    // The runtime sets times to the microsecond.
    const mtime = stat.isSymbolicLink() ? '' : String(stat.mtimeNs / 1_000n);
    if (stat.isSymbolicLink()) lines.push(`${shown} -> ${readlinkSync(path, 'buffer').toString('hex')}`);
    else if (stat.isDirectory()) {
      lines.push(`${shown}/ ${mode} ${mtime}`);
      for (const name of readdirSync(path, { encoding: 'buffer' })) {
        visit(Buffer.concat([path, Buffer.from('/'), name]), join(shown, name.toString('hex')));
      }
    } else {
      const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
      lines.push(`${shown} ${mode} ${mtime} ${stat.size} ${digest}`);
    }
  };
  visit(Buffer.from(root), '.');
  return lines.sort();
}
