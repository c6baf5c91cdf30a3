import { useState, type ReactNode } from 'react';
import { FileSearch } from 'lucide-react';
import { useHost } from '../data/services.tsx';
import { Button } from './button.tsx';
import { TextField } from './fields.tsx';
import { joinFile, splitFile } from './file-path.ts';
import { FolderField } from './folder-field.tsx';
import css from './file-field.module.css';

export interface FileFieldProps {
  /** What the file is: "Passphrase file". */
  label: string;
  /** Title of the dialog that opens. */
  chooseTitle: string;
  /** `save`: a name that is not there yet. */
  mode: 'open' | 'save';
  /** Absolute path on the engine's machine; `''` for none. */
  value: string;
  onChange: (path: string) => void;
  /** Of the name. */
  placeholder?: string;
  /** Name the dialog of `save` begins with. */
  name?: string | undefined;
  error?: string | undefined;
  hint?: ReactNode;
}

/**
 * A file on the engine's machine. On the desktop it is chosen in the system's dialog, which also grants access to it; in
 * a browser its folder is chosen as in {@link FolderField} and its name is typed.
 */
export function FileField(props: FileFieldProps): ReactNode {
  return useHost().pickFile === undefined ? <FolderAndName {...props} /> : <NativeFile {...props} />;
}

function NativeFile({ label, chooseTitle, mode, value, onChange, name, error, hint }: FileFieldProps): ReactNode {
  const { pickFile } = useHost();
  const choose = async (): Promise<void> => {
    const { folder, name: typed } = splitFile(value);
    const proposed = mode === 'save' ? typed || name : undefined;
    const path = await pickFile?.({
      title: chooseTitle,
      mode,
      ...(folder === '' ? {} : { defaultPath: mode === 'save' ? folder : value }),
      ...(proposed === undefined ? {} : { name: proposed }),
    });
    if (path !== undefined) onChange(path);
  };
  return (
    <TextField
      label={label}
      value={value}
      onChange={onChange}
      mono
      readOnly
      hint={hint}
      error={error}
      placeholder="No file chosen"
      after={
        <Button icon={FileSearch} onClick={() => void choose()}>
          Choose…
        </Button>
      }
    />
  );
}

function FolderAndName({ label, chooseTitle, value, onChange, placeholder, error, hint }: FileFieldProps): ReactNode {
  // As typed: a folder's last separator would be lost between the two otherwise.
  const [parts, setParts] = useState(() => splitFile(value));
  const { folder, name } = parts;
  const enter = (next: typeof parts): void => {
    setParts(next);
    onChange(joinFile(next.folder, next.name));
  };
  return (
    <div className={css.pair}>
      <FolderField
        label={`Folder of the ${label.charAt(0).toLowerCase()}${label.slice(1)}`}
        value={folder}
        onChange={(next) => enter({ folder: next, name })}
        chooseTitle={chooseTitle}
      />
      <TextField
        label={label}
        value={name}
        mono
        hint={hint}
        error={error}
        placeholder={placeholder}
        onChange={(next) => enter({ folder, name: next })}
      />
    </div>
  );
}
