/** Scheme of the interface inside the desktop shell. Registered as standard and secure, so that it has an origin. */
export const scheme = 'app';
/** The one host of that scheme. */
export const host = 'ui';
/** Origin of everything the window shows; nothing else may speak to the main process. */
export const origin = `${scheme}://${host}`;
/** What the window opens with. */
export const startUrl = `${origin}/`;

/** Whether the URL is one of the interface, by scheme and exact host, without credentials or a port. */
export function isInterfaceUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url?.protocol !== `${scheme}:`) return false;
  return url.host === host && url.username === '' && url.password === '';
}
