import { useState, type ReactNode } from 'react';
import { Eye, EyeOff } from 'lucide-react';
import { IconButton } from './button.tsx';
import { TextField, type TextFieldProps } from './fields.tsx';

/** Something secret that is typed: hidden unless it is asked to be shown. */
export function SecretField({
  shown: shownAtFirst = false,
  ...props
}: Omit<TextFieldProps, 'type' | 'after' | 'mono'> & { shown?: boolean }): ReactNode {
  const [shown, setShown] = useState(shownAtFirst);
  return (
    <TextField
      {...props}
      type={shown ? 'text' : 'password'}
      mono
      after={
        <IconButton
          icon={shown ? EyeOff : Eye}
          label={shown ? 'Hide what is typed' : 'Show what is typed'}
          onClick={() => setShown(!shown)}
        />
      }
    />
  );
}
