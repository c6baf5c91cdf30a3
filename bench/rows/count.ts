import { peer, quoted, shell } from '../command.ts';
import { CountEngine } from '../count-engine.ts';
import type { Row } from '../row.ts';

/** A whole count in an engine that runs, against the disk counters. */
export const count: Row = {
  id: 'count',
  title: 'Count tree',
  dataSet: 'tree',
  contenders({ root }) {
    const engine = new CountEngine();
    return [
      {
        name: 'larder, running engine',
        async run() {
          await engine.open(root, false);
          return engine.ask({ act: 'count' });
        },
        close: () => engine.close(),
      },
      peer('du', ['du'], () => shell(`du -sx ${quoted(root)}`)),
      peer('gdu', ['gdu'], () => shell(`gdu -npc ${quoted(root)}`)),
      peer('ncdu', ['ncdu'], () => shell(`ncdu -0xo /dev/null ${quoted(root)}`)),
      peer('dua', ['dua'], () => shell(`dua aggregate ${quoted(root)}`)),
      peer('dust', ['dust'], () => shell(`dust -x -d 0 ${quoted(root)}`)),
    ];
  },
  bars: [
    { of: 'larder, running engine', against: 'du', bar: 1.2, moonshot: 0.8 },
    { of: 'larder, running engine', against: 'gdu', bar: 1.2 },
    { of: 'larder, running engine', against: 'ncdu', bar: 1.2 },
  ],
};
