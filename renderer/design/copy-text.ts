import css from './copy-text.module.css';

/**
 * Puts text on the clipboard; false when the system refuses. Shells may deny `navigator.clipboard` (the desktop window
 * does, and pages without TLS have none); then the older way of copying a selection is taken, which needs only that a
 * person has just pressed something.
 */
export async function copyText(text: string): Promise<boolean> {
  // Absent in pages without TLS, whatever its type says.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard !== undefined) {
    try {
      await clipboard.writeText(text);
      return true;
    } catch {
      // Denied; the other way may still be open.
    }
  }
  return copySelected(text);
}

function copySelected(text: string): boolean {
  const before = document.activeElement;
  const source = document.createElement('textarea');
  source.className = css['source'] ?? '';
  source.value = text;
  source.readOnly = true;
  source.setAttribute('aria-hidden', 'true');
  source.tabIndex = -1;
  // Inside an open dialog, which does not let the focus out of itself.
  (before?.parentElement ?? document.body).append(source);
  try {
    source.focus({ preventScroll: true });
    source.select();
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the one way that is left where the other is denied
    return document.execCommand('copy');
  } finally {
    source.remove();
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  }
}
