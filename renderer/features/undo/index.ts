export { UndoDialog, type UndoDialogProps } from './undo-dialog.tsx';
