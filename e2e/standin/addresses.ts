const suffix = '.app.test';

/** The address under which Chromium is shown one of the shell's: `app://ui/x` → `https://ui.app.test/x`. */
export function toChromium(address: string): string {
  return address.replace(/^app:\/\/([^/?#]*)/, (_all, host: string) => `https://${host}${suffix}`);
}

/** The address the main process is told: `https://ui.app.test/x` → `app://ui/x`; any other as it is. */
export function fromChromium(address: string): string {
  return address.replace(/^https:\/\/([^/?#]*)\.app\.test(?=[/?#]|$)/, (_all, host: string) => `app://${host}`);
}
