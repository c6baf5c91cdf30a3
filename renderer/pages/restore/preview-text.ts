/** Lines of JSON set out to be read; anything else as it is. */
export function previewText(path: string, text: string, truncated: boolean): string {
  if (truncated || !/\.json$/i.test(path)) return text;
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    // Not JSON after all; what is in the file is what is shown.
    return text;
  }
}
