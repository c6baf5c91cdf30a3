import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CountEngine } from '../count-engine.ts';
import type { Row } from '../row.ts';

/** Watching a tree. Memory is that of a process which holds the engine and nothing else. */

const ready = 'from a store added to live';

export const watchReady: Row = {
  id: 'ready',
  title: 'Watch tree: ready',
  dataSet: 'tree',
  contenders: ({ root }) => [
    {
      name: ready,
      async run() {
        const engine = new CountEngine();
        const reply = await engine.open(root, true);
        await engine.close();
        return reply;
      },
    },
  ],
  bars: [],
  limits: [
    { of: ready, what: 'seconds', bar: 2, moonshot: 0.5 },
    { of: ready, what: 'memoryMb', bar: 250, moonshot: 120 },
  ],
};

const written = 'from the write to the announced total';

export const changeShown: Row = {
  id: 'change',
  title: 'A change in tree shown',
  dataSet: 'tree',
  contenders({ root }) {
    const engine = new CountEngine();
    const [area = ''] = readdirSync(root);
    const [part = ''] = readdirSync(join(root, area));
    return [
      {
        name: written,
        async run() {
          await engine.open(root, true);
          return engine.ask({ act: 'change', folder: join(area, part) });
        },
        close: () => engine.close(),
      },
    ];
  },
  bars: [],
  limits: [{ of: written, what: 'seconds', bar: 0.25, moonshot: 0.1 }],
};

const windowMs = 30_000;
const idle = 'CPU time in 30 s';

/** The first window, which is not counted, lets it settle. Half a percent of a core is 0.15 s in 30. */
export const watchIdle: Row = {
  id: 'idle',
  title: 'Watch tree: idle',
  dataSet: 'tree',
  contenders({ root }) {
    const engine = new CountEngine();
    return [
      {
        name: idle,
        async run() {
          await engine.open(root, true);
          return engine.ask({ act: 'idle', forMs: windowMs });
        },
        close: () => engine.close(),
      },
    ];
  },
  bars: [],
  limits: [
    { of: idle, what: 'seconds', bar: (0.5 / 100) * (windowMs / 1_000), moonshot: (0.1 / 100) * (windowMs / 1_000) },
    { of: idle, what: 'memoryMb', bar: 250, moonshot: 120 },
  ],
};
