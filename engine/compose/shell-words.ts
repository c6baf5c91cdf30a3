/** Words of a command given as one text, as a shell would split it; quotes go, nothing is expanded. */
export function shellWords(text: string): string[] {
  const words: string[] = [];
  const pattern = /(?:[^\s"'\\]|\\[^]|"(?:[^"\\]|\\[^])*"|'[^']*')+/g;
  for (const [word] of text.slice(0, 100_000).matchAll(pattern)) {
    words.push(
      word.replace(
        /"((?:[^"\\]|\\[^])*)"|'([^']*)'|\\([^])/g,
        (_whole, a?: string, b?: string, c?: string) => a ?? b ?? c ?? '',
      ),
    );
  }
  return words;
}
