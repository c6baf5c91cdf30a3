import { StringDecoder } from 'node:string_decoder';

/** The part of a terminal's input that typing without an echo takes. */
export interface SecretInput {
  setRawMode(on: boolean): unknown;
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  off(event: 'data', listener: (chunk: Buffer) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/**
 * Reads one line from a terminal, showing nothing of it. Backspace takes back a character, Ctrl-U all of them. Ctrl-C
 * calls `interrupt`, as the terminal would have; rejects with the reason of `signal` when it aborts.
 */
export function readSecret(input: SecretInput, signal: AbortSignal, interrupt: () => void): Promise<string> {
  const decoder = new StringDecoder('utf8');
  let typed: string[] = [];
  return new Promise((resolve, reject) => {
    const end = (): void => {
      input.off('data', take);
      signal.removeEventListener('abort', abort);
      input.setRawMode(false);
      input.pause();
    };
    const abort = (): void => {
      end();
      reject(signal.reason as Error);
    };
    const take = (chunk: Buffer): void => {
      for (const character of decoder.write(chunk)) {
        if (character === '\r' || character === '\n' || character === '\u0004') {
          end();
          resolve(typed.join(''));
          return;
        }
        if (character === '\u0003') interrupt();
        else if (character === '\u007f' || character === '\b') typed.pop();
        else if (character === '\u0015') typed = [];
        else if (!/\p{Cc}/u.test(character)) typed.push(character);
      }
    };
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    input.setRawMode(true);
    input.on('data', take);
    input.resume();
  });
}
