export { writeFileDurable } from './durable.ts';
export { isSystemError, reasonOf, toLarderError } from './errors.ts';
export { NewFile } from './new-file.ts';
export { nodeFs } from './node-fs.ts';
export { decodeName, encodeName, fsPath } from './path-bytes.ts';
export type { DirectoryEntry, FileSystem } from './port.ts';
