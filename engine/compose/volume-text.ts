/** The parts of a volume in short syntax: `target`, `source:target`, `source:target:options`. */
export interface VolumeText {
  readonly source?: string;
  readonly target: string;
  readonly options: readonly string[];
}

/**
 * Splits a volume in short syntax at its colons: not those inside `${…}`, nor that of a Windows drive at the beginning of
 * a part (`C:\data:/data:ro`, `C:/data:D:/data`).
 */
export function splitVolume(text: string): VolumeText {
  const parts: string[] = [];
  let part = '';
  let braces = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '$' && text[at + 1] === '{') braces++;
    else if (character === '}' && braces > 0) braces--;
    const drive = character === ':' && /^[A-Za-z]$/.test(part) && /[\\/]/.test(text[at + 1] ?? '');
    // `a:/data` is a volume called `a`, not a drive: a drive's path is followed by one more colon, or is all there is.
    const another = drive && (text[at + 1] === '\\' || text.indexOf(':', at + 1) !== -1);
    if (character === ':' && braces === 0 && !another) {
      parts.push(part);
      part = '';
    } else part += character;
  }
  parts.push(part);
  const [first = '', second, options] = parts;
  if (second === undefined) return { target: first, options: [] };
  return { source: first, target: second, options: options === undefined ? [] : options.split(',') };
}

/** Whether the source of a volume is a path of the host and not the name of a volume. */
export function isHostPath(source: string): boolean {
  return /^(?:[./~]|\\\\|[A-Za-z]:[\\/])/.test(source);
}

export function isWindowsPath(source: string): boolean {
  return /^(?:\\\\|[A-Za-z]:[\\/])/.test(source);
}
