import { useState, type ReactNode } from 'react';
import { TextField } from './fields.tsx';
import { joinFile, splitFile } from './file-path.ts';
import { FolderField } from './folder-field.tsx';
import css from './file-field.module.css';

/**
 * A file on the engine's machine: its folder, chosen as in {@link FolderField} (which on the desktop also grants access
 * to it), and its name. `value` is the absolute path it begins with, `''` for none.
 */
export function FileField({
  folderLabel,
  nameLabel,
  chooseTitle,
  value,
  onChange,
  placeholder,
  error,
  hint,
}: {
  folderLabel: string;
  nameLabel: string;
  chooseTitle: string;
  value: string;
  onChange: (path: string) => void;
  /** Of the name. */
  placeholder?: string;
  error?: string | undefined;
  hint?: ReactNode;
}): ReactNode {
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
        label={folderLabel}
        value={folder}
        onChange={(next) => enter({ folder: next, name })}
        chooseTitle={chooseTitle}
      />
      <TextField
        label={nameLabel}
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
