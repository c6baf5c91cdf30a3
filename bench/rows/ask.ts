import { treeQuestions } from '../count-questions.ts';
import { CountEngine } from '../count-engine.ts';
import type { Row } from '../row.ts';

/**
 * Answers of the tree in memory, over the contract. A folder's listing counts as "anew" when something in it has changed
 * since it was last asked for, and as "again" when not.
 */
const ask = (row: Pick<Row, 'id' | 'title' | 'dataSet'>): Row => ({
  ...row,
  contenders({ root }) {
    const engine = new CountEngine();
    return treeQuestions.map((what, index) => ({
      name: what,
      async run() {
        await engine.open(root, true);
        return engine.ask({ act: 'ask', what });
      },
      ...(index === treeQuestions.length - 1 ? { close: () => engine.close() } : {}),
    }));
  },
  bars: [],
  limits: treeQuestions
    .filter((what) => what.includes('page'))
    .map((of) => ({ of, what: 'seconds', bar: 0.03 }) as const),
});

export const askTree: Row = ask({ id: 'ask', title: 'Ask about tree', dataSet: 'tree' });
/** The same where one folder has half a million files. */
export const askWide: Row = ask({ id: 'ask-wide', title: 'Ask about a wide tree', dataSet: 'tree-wide' });
