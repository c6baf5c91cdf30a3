export { decrypting, keyed } from './decrypting-fs.ts';
export type { FileKeys } from './decrypting-fs.ts';
export { KeyRing } from './key-ring.ts';
export { createIdentity } from './identity.ts';
export { parseIdentities, parseRecipients, readIdentities, readPassphrase } from './keys.ts';
export type { AgeKeys, AgeRecipients } from './keys.ts';
export { plainSizeOf } from './layout.ts';
export { AgeWriter } from './writer.ts';
export type { AgeStart } from './writer.ts';
