/** What is asked about a tree in memory. */
export const treeQuestions = ['children', 'treemap', 'details', 'freed'] as const;
export type TreeQuestion = (typeof treeQuestions)[number];
