import { useState, type ReactNode } from 'react';
import { Check, Copy } from 'lucide-react';
import { Button, copyText, IconButton } from '../../design/index.ts';

/** Takes a text to the clipboard, and says so. With `words` it is a button with these, else an icon. */
export function CopyButton({ label, text, words }: { label: string; text: string; words?: string }): ReactNode {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  const said = state === 'copied' ? 'Copied' : state === 'refused' ? 'It could not be copied' : undefined;
  const icon = state === 'copied' ? Check : Copy;
  const copy = (): void => void copyText(text).then((copied) => setState(copied ? 'copied' : 'refused'));
  if (words === undefined) {
    return <IconButton icon={icon} size="small" label={said ?? label} onClick={copy} onBlur={() => setState('idle')} />;
  }
  return (
    <Button icon={icon} size="small" onClick={copy} onBlur={() => setState('idle')}>
      {said ?? words}
    </Button>
  );
}
