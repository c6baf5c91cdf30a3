import type { ReactNode } from 'react';

/** Words in which what stands between backticks is code. */
export function Coded({ text }: { text: string }): ReactNode {
  return text.split('`').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part));
}
