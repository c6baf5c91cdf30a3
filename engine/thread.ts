import { parentPort, workerData } from 'node:worker_threads';
import { createEngine } from './engine.ts';
import { entryUrl } from './host/entry-url.ts';
import { servePort } from './host/serve-port.ts';
import type { HostMessage, ThreadData, ThreadMessage } from './host/protocol.ts';
import { remoteVault } from './host/vault-port.ts';
import { toLarderError } from './fs/index.ts';

/** Entry of the engine thread: one engine, and a session for every port the shell connects. */

if (parentPort === null) throw new Error('engine/thread runs as a worker thread only.');
const control = parentPort;
const data = workerData as ThreadData;
const tell = (message: ThreadMessage): void => control.postMessage(message);

try {
  const { hasVault, ...options } = data;
  const keychain = remoteVault(tell);
  const engine = await createEngine({
    ...options,
    ...(hasVault ? { vault: keychain.vault } : {}),
    poolWorkerUrl: entryUrl(import.meta.url, './pool-worker'),
  });
  control.on('message', (message: HostMessage) => {
    switch (message.t) {
      case 'connect':
        servePort(message.port, (deliver) => engine.open({ paths: message.paths, deliver }));
        return;
      case 'vault':
        keychain.hear(message);
        return;
      case 'stop':
        void engine.stop().then(() => {
          tell({ t: 'stopped' });
          control.close();
        });
        return;
    }
  });
  tell({ t: 'ready' });
} catch (error) {
  tell({ t: 'refused', error: toLarderError(error).toData() });
  control.close();
}
