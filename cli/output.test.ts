import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { outputTo } from './output.ts';

function failing(code: string): { stream: Writable; writes: () => number } {
  let writes = 0;
  const stream = new Writable({
    write(_chunk, _encoding, done) {
      writes += 1;
      done(Object.assign(new Error(code), { code }));
    },
  });
  return { stream, writes: () => writes };
}

it('waits until everything is written', async () => {
  const written: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      setImmediate(() => {
        written.push(String(chunk));
        done();
      });
    },
  });
  const output = outputTo(stream);
  output.write('a');
  output.write('b');
  await output.flush();
  expect(written.join('')).toBe('ab');
});

it('stops when the reader went away, without an error', async () => {
  const { stream, writes } = failing('EPIPE');
  const output = outputTo(stream);
  output.write('a');
  await output.flush();
  output.write('b');
  await output.flush();
  expect(writes()).toBe(1);
});

it('tells what was lost otherwise', async () => {
  const output = outputTo(failing('ENOSPC').stream);
  output.write('a');
  await expect(output.flush()).rejects.toMatchObject({ code: 'ENOSPC' });
  await expect(output.flush()).rejects.toMatchObject({ code: 'ENOSPC' });
});
