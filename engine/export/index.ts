export { cut } from './cut.ts';
export { assertFree, exportBackup, exportFormat } from './export.ts';
export type { Exported, ExportOptions } from './export.ts';
export { hasNotes, noteExport, temporaryName, thisMachine } from './leftovers.ts';
