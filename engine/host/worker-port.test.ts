import { MessageChannel } from 'node:worker_threads';
import { errorFrameSchema } from '../../shared/contract/frames.ts';
import { createConformanceEngine } from '../testing/conformance-engine.ts';
import { describeCarrier } from '../testing/conformance.ts';
import { startEngineThread } from './index.ts';
import { servePort } from './serve-port.ts';

describeCarrier({ name: 'worker port', ownThread: true }, async () => {
  const thread = startEngineThread({
    threadUrl: new URL('../testing/conformance-thread.ts', import.meta.url),
    home: '/unused',
    version: '0',
    live: false,
  });
  await thread.ready();
  return {
    transport: thread.connect({ paths: 'any' }),
    sendRaw: (text) =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        servePort(port2, (deliver) => createConformanceEngine().open(deliver));
        port1.on('message', (frame: string) => {
          resolve(errorFrameSchema.parse(JSON.parse(frame)).error);
          port1.close();
        });
        port1.postMessage(text);
      }),
    close: () => thread.stop(),
  };
});
