import { useState, type ReactNode } from 'react';
import { FolderOpen } from 'lucide-react';
import { useHost } from '../data/services.tsx';
import { Button } from './button.tsx';
import { TextField } from './fields.tsx';
import { FolderBrowser } from './folder-browser.tsx';

export interface FolderFieldProps {
  label: string;
  /** Absolute path on the engine's machine; `''` for none. */
  value: string;
  onChange: (path: string) => void;
  /** Title of the dialog that opens. */
  chooseTitle: string;
  hint?: ReactNode;
  error?: string | undefined;
  placeholder?: string | undefined;
}

/**
 * A folder on the engine's machine. On the desktop it is chosen in the system's dialog, which also grants access to it;
 * in a browser it is typed or looked up.
 */
export function FolderField({
  label,
  value,
  onChange,
  chooseTitle,
  hint,
  error,
  placeholder,
}: FolderFieldProps): ReactNode {
  const { pickFolder } = useHost();
  const [browsing, setBrowsing] = useState(false);
  const choose = async (): Promise<void> => {
    if (pickFolder === undefined) {
      setBrowsing(true);
      return;
    }
    const path = await pickFolder({ title: chooseTitle, ...(value === '' ? {} : { defaultPath: value }) });
    if (path !== undefined) onChange(path);
  };
  return (
    <>
      <TextField
        label={label}
        value={value}
        onChange={onChange}
        mono
        hint={hint}
        error={error}
        readOnly={pickFolder !== undefined}
        placeholder={placeholder ?? (pickFolder === undefined ? '/path/to/folder' : 'No folder chosen')}
        after={
          <Button icon={FolderOpen} onClick={() => void choose()}>
            Choose…
          </Button>
        }
      />
      {browsing ? (
        <FolderBrowser
          title={chooseTitle}
          start={value === '' ? undefined : value}
          onClose={() => setBrowsing(false)}
          onChoose={(path) => {
            setBrowsing(false);
            onChange(path);
          }}
        />
      ) : null}
    </>
  );
}
