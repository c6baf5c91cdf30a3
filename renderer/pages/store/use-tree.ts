import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { ErrorData } from '../../../shared/contract/index.ts';
import { useClient } from '../../data/index.ts';
import { TreeModel, type TreeView } from './tree-model.ts';
import type { Tree } from './tree-rows.ts';

/** An event names at most so many directories; there may then be more. */
const mostNamed = 50;

/** The folders of a store, which follow what happens on its disk. */
export function useTreeModel(store: string): TreeModel {
  const client = useClient();
  const model = useMemo(() => new TreeModel(client, store), [client, store]);
  useEffect(() => {
    const stops = [
      client.on('usage.changed', (event) => {
        if (event.store !== store) return;
        const { paths } = event;
        model.touched(paths.length === 0 || paths.length >= mostNamed ? undefined : paths);
      }),
      client.onGap(() => model.touched()),
    ];
    return () => stops.forEach((stop) => stop());
  }, [client, model, store]);
  return model;
}

export interface ShownTree {
  /** What is shown: for a moment still what was, while what is wanted is being read. */
  readonly view: TreeView;
  readonly tree: Tree;
  /** Entries of the folder shown that pass the filter; undefined until the first answer. */
  readonly total: number | undefined;
  /** What the folder shown takes on disk. */
  readonly allocated: number;
  readonly error: ErrorData | undefined;
  /** Paths that moved just now. */
  readonly pulsing: ReadonlySet<string>;
  /** To be told which rows exist. */
  readonly onRange: (first: number, last: number) => void;
}

/** A view of the tree with the pages in sight. */
export function useTree(model: TreeModel, { root, sort, reverse, filter }: TreeView): ShownTree {
  const wanted = useMemo((): TreeView => ({ root, sort, reverse, filter }), [root, sort, reverse, filter]);
  const snapshot = useSyncExternalStore(model.subscribe, model.snapshot);
  const known = model.root(wanted);
  const [before, setBefore] = useState({ model, view: wanted });
  const ready = known.total !== undefined || known.error !== undefined || before.model !== model;
  if (ready && (before.view !== wanted || before.model !== model)) setBefore({ model, view: wanted });
  const view = ready ? wanted : before.view;

  const range = useRef({ first: 0, last: 0 });
  useEffect(() => model.show(wanted, range.current.first, range.current.last), [model, wanted]);
  const onRange = useCallback(
    (first: number, last: number): void => {
      range.current = { first, last };
      model.show(wanted, first, last);
    },
    [model, wanted],
  );
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the snapshot says when the model has another tree
  const tree = useMemo(() => model.tree(view), [model, view, snapshot]);
  return { view, tree, ...model.root(view), pulsing: snapshot.pulsing, onRange };
}
