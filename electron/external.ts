/** Sites that the interface links to. The list is fixed: a link to anywhere else is not opened. */
const externalHosts: ReadonlySet<string> = new Set(['github.com', 'huggingface.co']);

/** Whether the URL may be handed to the system's browser: https on the usual port, to a listed host, no credentials. */
export function isAllowedExternal(text: string): boolean {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:') return false;
  return url.port === '' && url.username === '' && url.password === '' && externalHosts.has(url.hostname);
}
