import type { ReactNode } from 'react';
import type { Overwrite } from '../../../shared/contract/index.ts';
import { Checkbox, FolderField, SegmentedControl, Select } from '../../design/index.ts';
import { overwriteChoices, overwriteHints } from './plan-words.ts';
import css from './plan-pane.module.css';

/** How a restore is to be done. */
export interface Options {
  readonly where: 'inPlace' | 'folder';
  /** Absolute; `''` while none is chosen. */
  readonly folder: string;
  readonly overwrite: Overwrite;
  readonly deleteExtra: boolean;
}

export const firstOptions: Options = { where: 'inPlace', folder: '', overwrite: 'if-changed', deleteExtra: false };

export function PlanOptions({
  options,
  onChange,
  storeName,
  canInPlace,
}: {
  options: Options;
  onChange: (options: Options) => void;
  storeName: string;
  /** The store the backup was made from is registered here. */
  canInPlace: boolean;
}): ReactNode {
  const set = (changes: Partial<Options>): void => onChange({ ...options, ...changes });
  return (
    <div className={css.options}>
      <div>
        <span className={css.label}>Where to</span>
        {canInPlace ? (
          <SegmentedControl
            label="Where to"
            value={options.where}
            choices={[
              { value: 'inPlace', label: 'In place' },
              { value: 'folder', label: 'Another folder' },
            ]}
            onChange={(where) => set({ where })}
          />
        ) : (
          <p className={css.quiet}>{storeName} is not registered here, so choose a folder.</p>
        )}
      </div>
      {options.where === 'folder' || !canInPlace ? (
        <FolderField
          label="Folder"
          value={options.folder}
          onChange={(folder) => set({ folder })}
          chooseTitle="Choose where to restore to"
          hint="It is made if it is not there. The store's content goes directly into it."
        />
      ) : null}
      <Select
        label="When a file is there already"
        value={options.overwrite}
        choices={overwriteChoices}
        onChange={(overwrite) => set({ overwrite })}
        hint={overwriteHints[options.overwrite]}
      />
      <Checkbox
        label="Remove what the backup does not have"
        checked={options.deleteExtra}
        onChange={(deleteExtra) => set({ deleteExtra })}
      />
      {options.deleteExtra ? (
        <p className={css.quiet}>Only inside the folders that are ticked whole. Undo brings it back.</p>
      ) : null}
    </div>
  );
}
