/** An absolute path as its folder and the name in it; either may be empty while it is being entered. */
export function splitFile(path: string): { folder: string; name: string } {
  const at = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  if (at < 0) return { folder: '', name: path };
  // The root keeps its separator, as `/` and `C:\` are folders and `''` and `C:` are not.
  const head = path.slice(0, at);
  const isRoot = head === '' || /^[A-Za-z]:$/.test(head);
  return { folder: isRoot ? path.slice(0, at + 1) : head, name: path.slice(at + 1) };
}

/** Reverses {@link splitFile}. The separator is that of the folder. */
export function joinFile(folder: string, name: string): string {
  if (folder === '') return name;
  const separator = /^[A-Za-z]:|^\\\\/.test(folder) ? '\\' : '/';
  return /[\\/]$/.test(folder) ? `${folder}${name}` : `${folder}${separator}${name}`;
}
