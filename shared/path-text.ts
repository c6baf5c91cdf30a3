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

/** Control characters, and those that turn the direction of writing: a name could break a line, or look like another. */
const misleading = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function escaped(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  const hex = character.charCodeAt(0).toString(16);
  return hex.length <= 2 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`;
}

/** The name as a person should see it: bytes that are not UTF-8 appear as `\xNN`, what would mislead is escaped. */
export function displayName(text: string): string {
  if (text.isWellFormed()) return text.replace(misleading, escaped);
  let shown = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) shown += `\\x${(code - 0xdc00).toString(16).padStart(2, '0')}`;
    else if (code >= 0xd800 && code <= 0xdfff) shown += '\uFFFD';
    else shown += character;
  }
  return shown.replace(misleading, escaped);
}

/** The order of paths in manifests and listings: by UTF-16 code unit, so that it does not depend on a locale. */
export function comparePaths(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
