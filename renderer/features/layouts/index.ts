export { LayoutPicker, type LayoutPick } from './layout-picker.tsx';
export { backupWords, cleanupWords, scoreWords } from './rule-words.ts';
