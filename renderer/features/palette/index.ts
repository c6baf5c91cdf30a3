export { PaletteDialog } from './palette-dialog.tsx';
export { ShortcutsDialog } from './shortcuts-dialog.tsx';
