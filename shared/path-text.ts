/**
 * How Larder writes file names as text.
 *
 * On Linux a name is bytes, usually but not always UTF-8. Larder carries names as strings in which each byte that is
 * not part of valid UTF-8 appears as the lone surrogate U+DC00 + byte (0x80–0xFF → U+DC80–U+DCFF), the mapping of
 * Python's `surrogateescape` (PEP 383). It is a bijection, survives `JSON.stringify`, and leaves ordinary names as
 * they are. The byte side needs Node and lives in the engine.
 */

/** Whether the name holds bytes that are not UTF-8, so that the operating system must be given bytes. */
export function hasRawBytes(text: string): boolean {
  return !text.isWellFormed() && /[\uDC80-\uDCFF]/.test(text);
}

/** The name as a person should see it: bytes that are not UTF-8 appear as `\xNN`. */
export function displayName(text: string): string {
  if (text.isWellFormed()) return text;
  let shown = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) shown += `\\x${(code - 0xdc00).toString(16).padStart(2, '0')}`;
    else if (code >= 0xd800 && code <= 0xdfff) shown += '\uFFFD';
    else shown += character;
  }
  return shown;
}

/** The order of paths in manifests and listings: by UTF-16 code unit, so that it does not depend on a locale. */
export function comparePaths(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
