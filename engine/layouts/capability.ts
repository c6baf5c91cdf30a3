import type { Capability, EngineContext } from '../context.ts';
import type { Layouts } from './store-layouts.ts';
import { detectIn } from './detect-in.ts';

/** The `layouts` domain. */
export function createLayouts(context: EngineContext, layouts: Layouts): Capability<'layouts'> {
  const { stores } = context;
  let detach: (() => void) | undefined;
  return {
    handlers: {
      list: () => ({ layouts: [...layouts.list()] }),
      show: ({ id }) => layouts.get(id),
      detect: ({ path }, { signal }) => detectIn(context, path, signal),
      ofStore: ({ store }, { signal }) => layouts.look(stores.get(store), signal),
    },
    start() {
      detach = layouts.onChange((store) => context.emit('layouts.changed', { store }));
    },
    stop: () => detach?.(),
  };
}
