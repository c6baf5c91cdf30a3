import { displayName } from '../../shared/path-text.ts';
import type { Action } from './actions.ts';

/** What an action did, for the list of past setups. */
export function actionWords(action: Action): string {
  switch (action.t) {
    case 'folder':
      return `made the folder ${displayName(action.path)}`;
    case 'mode':
      return `set the permission of ${displayName(action.path)} to ${action.after.toString(8)}`;
    case 'owner':
      return `gave ${displayName(action.path)} to ${action.after.uid}:${action.after.gid}`;
    case 'create':
      return `wrote ${displayName(action.path)}`;
    case 'append':
      return `added lines to ${displayName(action.path)}`;
    case 'move':
      return `moved ${displayName(action.from)} to ${displayName(action.to)}`;
  }
}
