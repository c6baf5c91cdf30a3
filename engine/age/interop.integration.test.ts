import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import { chunkBytes } from './chunks.ts';
import { parseRecipients, readIdentities } from './keys.ts';
import { decrypted, encrypted, fileOf, makeFolder, pattern, removeFolder } from './test-files.ts';

/** The `age` command, where it is there, opens what Larder writes, and Larder what it writes. */

const has = (command: string): boolean => spawnSync(command, ['--version']).status === 0;
const canAge = has('age');

/** Runs `age` with a terminal of its own, on which it asks for the passphrase. */
const withTerminal = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
seen = b''
try:
    while True:
        part = os.read(terminal, 1024)
        if not part: break
        seen += part
        if b':' in seen:
            os.write(terminal, sys.argv[1].encode() + b'\\n')
            seen = b''
except OSError:
    pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

let folder: string;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => removeFolder(folder));

const sizes = [0, 1, chunkBytes - 1, chunkBytes, chunkBytes + 1, 2 * chunkBytes, 1_000_003];

describe.skipIf(!canAge)('the age command', () => {
  it('and Larder open each other’s files for recipients', () => {
    const identityFile = join(folder, 'identity');
    execFileSync('age-keygen', ['-o', identityFile], { stdio: 'ignore' });
    const recipient = execFileSync('age-keygen', ['-y', identityFile]).toString().trim();
    const recipients = parseRecipients([recipient]);
    const keys = { passphrases: [], identities: readIdentities(nodeFs, identityFile).identities };
    for (const size of sizes) {
      const plain = pattern(size);
      const ours = fileOf(folder, encrypted(plain, { kind: 'recipients', recipients }));
      const options = { maxBuffer: 1 << 24 };
      expect(execFileSync('age', ['-d', '-i', identityFile, ours], options).equals(plain), `${size}`).toBe(true);
      const theirs = fileOf(folder, execFileSync('age', ['-r', recipient], { ...options, input: plain }));
      expect(decrypted(theirs, keys).equals(plain), `${size}`).toBe(true);
    }
  });

  it.skipIf(!has('python3'))(
    'and Larder open each other’s files for a passphrase',
    () => {
      const plain = pattern(chunkBytes + 10);
      const script = join(folder, 'terminal.py');
      writeFileSync(script, withTerminal);
      const run = (...args: string[]) =>
        execFileSync('python3', [script, 'pass phrase', 'age', ...args], { timeout: 60_000 });
      const [ours, opened, whole, theirs] = ['ours', 'opened', 'whole', 'theirs'].map((name) => join(folder, name)) as [
        string,
        string,
        string,
        string,
      ];
      writeFileSync(ours, encrypted(plain, { kind: 'passphrase', passphrase: 'pass phrase' }));
      run('-d', '-o', opened, ours);
      expect(nodeFs.readFile(opened).equals(plain)).toBe(true);
      writeFileSync(whole, plain);
      run('-p', '-o', theirs, whole);
      expect(decrypted(theirs, { passphrases: ['pass phrase'], identities: [] }).equals(plain)).toBe(true);
    },
    60_000,
  );
});
