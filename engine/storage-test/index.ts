export { StorageTests } from './storage-tests.ts';
