import type { ReactNode } from 'react';
import { displayName } from '../../../shared/path-text.ts';
import { FolderField, Panel, TextField } from '../../design/index.ts';
import { nameProblem, pathOf, type Choices } from './choices.ts';
import css from './steps.module.css';

export interface StepProps {
  choices: Choices;
  onChange: (change: Partial<Choices>) => void;
}

/** A folder that exists, or a new one in it. */
export function FolderStep({ choices, onChange }: StepProps): ReactNode {
  const { folder, newFolder } = choices;
  return (
    <Panel>
      <div className={css.form}>
        <FolderField
          label="Folder"
          value={folder}
          // Another folder may be of another layout.
          onChange={(next) => onChange({ folder: next, layout: undefined, parts: undefined })}
          chooseTitle="Choose the data folder, or the folder it is to lie in"
          hint="The data folder itself, empty or with data in it; or the folder of the project it is to lie in."
        />
        <TextField
          label="New folder in it"
          value={newFolder}
          onChange={(name) => onChange({ newFolder: name, layout: undefined, parts: undefined })}
          mono
          maxLength={200}
          placeholder="persistent_data"
          error={nameProblem(newFolder)}
          hint="Left empty, the folder above is set up itself."
        />
        {folder === '' ? null : (
          <p className={css.quiet}>
            The data will lie in <code>{displayName(pathOf(choices))}</code>
          </p>
        )}
      </div>
    </Panel>
  );
}
