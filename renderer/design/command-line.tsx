import { useState, type ReactNode } from 'react';
import { Check, Copy } from 'lucide-react';
import { IconButton } from './button.tsx';
import { copyText } from './copy-text.ts';
import css from './command-line.module.css';

/** The `larder` line that does the same as the page, ready to be copied. */
export function CommandLine({
  command,
  label = 'The same as a command',
}: {
  command: string;
  label?: string;
}): ReactNode {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  return (
    <div className={css.line}>
      <code className={css.text} aria-label={label} role="group" tabIndex={0}>
        {command}
      </code>
      <IconButton
        icon={state === 'copied' ? Check : Copy}
        label={state === 'copied' ? 'Copied' : state === 'refused' ? 'Select the line and copy it' : 'Copy command'}
        size="small"
        onClick={() => {
          void copyText(command).then((copied) => setState(copied ? 'copied' : 'refused'));
        }}
        onBlur={() => setState('idle')}
      />
    </div>
  );
}
