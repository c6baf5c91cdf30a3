/** What is asked about a tree in memory. Pages are of the folder with most entries. */
export const treeQuestions = [
  'first page by size, anew',
  'first page by name, anew',
  'middle page by size, anew',
  'middle page by name, anew',
  'middle page by size, again',
  'middle page by name, again',
  'treemap',
  'details',
  'find',
  'freed',
] as const;
export type TreeQuestion = (typeof treeQuestions)[number];
