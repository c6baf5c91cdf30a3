import { createContext, use, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import type { Settings, Store } from '../../../shared/contract/index.ts';
import { useToast } from '../../design/index.ts';
import { errorData, useClient, useHost, useStores } from '../../data/index.ts';
import { useHealthRuns } from '../../features/health/health-runs.tsx';
import { useChosenStore } from '../chosen-store.tsx';
import { actions, findAction } from './actions.ts';
import { pagePaths } from '../paths.ts';
import { matchShortcut, type Pending } from './shortcuts.ts';
import type { ActionContext, DialogRequest } from './types.ts';

export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
const noStores: readonly Store[] = [];

const Context = createContext<ActionContext | undefined>(undefined);

export interface ActionProviderProps {
  pages: ReadonlySet<string>;
  /** Draws the window an action asked for. */
  renderDialog: (request: DialogRequest, close: () => void) => ReactNode;
  children: ReactNode;
}

/** Gives actions what they act on, and runs them from keys and the native menu. */
export function ActionProvider({ pages, renderDialog, children }: ActionProviderProps): ReactNode {
  const client = useClient();
  const host = useHost();
  const queries = useQueryClient();
  const toast = useToast();
  const [, navigate] = useLocation();
  const stores = useStores().data?.stores ?? noStores;
  const { store, choose } = useChosenStore();
  const healthRuns = useHealthRuns();
  const [dialog, setDialog] = useState<DialogRequest>();

  const failed = (error: unknown): void => {
    const { message, hint } = errorData(error);
    toast({ tone: 'bad', title: message, text: hint });
  };
  const context: ActionContext = {
    // With a single store there is nothing to choose.
    store: store ?? (stores.length === 1 ? stores[0] : undefined),
    stores,
    host,
    pages,
    navigate,
    openDialog: setDialog,
    setTheme: (theme: Settings['theme']) => void client.call('settings.set', { theme }).catch(failed),
    rescan: ({ id }) => void client.call('usage.rescan', { store: id }).catch(failed),
    checkHealth: ({ id }) => {
      choose(id);
      navigate(pagePaths.health());
      healthRuns.run(id);
    },
    signOut: host.signOut === undefined ? undefined : () => void host.signOut?.().catch(failed),
    refresh: () => void queries.invalidateQueries(),
  };
  useActionKeys(context, dialog !== undefined);
  useNativeMenu(context);

  return (
    <Context value={context}>
      {children}
      {dialog === undefined ? null : renderDialog(dialog, () => setDialog(undefined))}
    </Context>
  );
}

/** What actions act on, about `store` when one is given. */
export function useActionContext(store?: Store): ActionContext {
  const context = use(Context);
  if (context === undefined) throw new Error('ActionProvider is missing above this component.');
  return useMemo(() => (store === undefined ? context : { ...context, store }), [context, store]);
}

/** Runs an action by its id if it is available. */
function runAction(id: string, context: ActionContext): void {
  const action = findAction(id);
  if (action?.perStore === true && context.store === undefined && context.stores.length > 0) {
    // Which store? The palette has a line for each.
    context.openDialog({ kind: 'palette', query: action.name.replace(/…$/, '') });
    return;
  }
  if (action?.available(context) === true) action.run(context);
}

function useLatest<T>(value: T): { readonly current: T } {
  const ref = useRef(value);
  useEffect(() => {
    ref.current = value;
  });
  return ref;
}

function useActionKeys(context: ActionContext, dialogOpen: boolean): void {
  const latest = useLatest({ context, dialogOpen });
  useEffect(() => {
    let pending: Pending | undefined;
    const shortcuts = actions.flatMap((action) => action.shortcut ?? []);
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.repeat || latest.current.dialogOpen) return;
      const typing =
        event.target instanceof HTMLElement &&
        (event.target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName));
      const match = matchShortcut(event, shortcuts, { mac: isMac, typing, nowMs: event.timeStamp, pending });
      pending = match.pending;
      const action = actions.find((each) => each.shortcut !== undefined && each.shortcut === match.shortcut);
      if (action === undefined) return;
      event.preventDefault();
      runAction(action.id, latest.current.context);
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [latest]);
}

function useNativeMenu(context: ActionContext): void {
  const latest = useLatest(context);
  const { host } = context;
  useEffect(() => host.onMenuAction?.((id) => runAction(id, latest.current)), [host, latest]);
}
