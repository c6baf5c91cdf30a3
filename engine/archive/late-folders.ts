/**
 * Folders whose tar entries wait. Sorted by path, `a-b` comes between `a` and `a/c`; a tool that gives a folder its mode
 * and time when it has left it would do so too early, and could then write nothing into it. So in the tar a folder's
 * entry stands right before what is in it.
 */
export class LateFolders<T> {
  private readonly waiting: { readonly path: string; readonly value: T }[] = [];

  /** Takes a folder when its entry has to wait because of the path that comes next. */
  wait(path: string, next: string | undefined, value: T): boolean {
    // All of the rest lies in the root.
    if (path === '' || next?.startsWith(path) !== true || next.startsWith(`${path}/`)) return false;
    this.waiting.push({ path, value });
    return true;
  }

  /** A folder whose entry comes before what is at that path, or before the end. To be asked again, there may be more. */
  due(next: string | undefined): T | undefined {
    const last = this.waiting.at(-1);
    if (last === undefined || (next?.startsWith(last.path) === true && !next.startsWith(`${last.path}/`))) {
      return undefined;
    }
    this.waiting.pop();
    return last.value;
  }
}
