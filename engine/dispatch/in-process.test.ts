import { errorFrameSchema } from '../../shared/contract/frames.ts';
import { createConformanceEngine } from '../testing/conformance-engine.ts';
import { describeCarrier } from '../testing/conformance.ts';
import { connectInProcess } from './index.ts';

describeCarrier({ name: 'in process', ownThread: false }, async () => {
  const engine = createConformanceEngine();
  return {
    transport: connectInProcess((deliver) => engine.open(deliver)),
    sendRaw: (text) =>
      new Promise((resolve) => {
        const session = engine.open((frame) => resolve(errorFrameSchema.parse(JSON.parse(frame)).error));
        session.receive(text);
      }),
    close: async () => {},
  };
});
