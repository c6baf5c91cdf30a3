export { ActionButton, ActionMenu, actionItems } from './action-button.tsx';
export { ActionProvider, isMac, useActionContext } from './action-provider.tsx';
export { actions, findAction } from './actions.ts';
export { filterEntries, paletteEntries, type PaletteEntry } from './palette.ts';
export { shortcutText } from './shortcuts.ts';
export type { Action, ActionContext, DialogRequest } from './types.ts';
