import { useState, type ReactNode } from 'react';
import { setupParts, type Layout, type SetupPart, type Store } from '../../../shared/contract/index.ts';
import { useCall } from '../../data/index.ts';
import { Checkbox, FolderField, Panel, RadioCards, Switch, TextField } from '../../design/index.ts';
import { ownerProblem, pathOf } from './choices.ts';
import type { StepProps } from './folder-step.tsx';
import { partNames } from './step-words.ts';
import css from './steps.module.css';

const onlyFolders: readonly SetupPart[] = ['folders'];

/** Parts that suit a layout: programs that bring their own are not littered with files for teams. */
function suitable(layout: Layout | undefined): readonly SetupPart[] {
  return layout === undefined || layout.group === 'project' ? setupParts : onlyFolders;
}

const partWords: Readonly<Record<SetupPart, string>> = {
  folders: 'Those the layout requires, with its permission and owner',
  'larder.yaml': 'Says what the folders are; to be committed, so that a team shares it',
  environment: 'Variables that point into the folder, for the services',
  compose: 'Mounts of the services, to be used beside your own compose file',
  gitignore: 'Lines that keep the data out of Git',
  readme: 'Says what the folders are to whoever finds them',
};

/** Parts, owner, and what becomes of it in Larder. */
export function OptionsStep({ choices, store, onChange }: StepProps & { store: Store | undefined }): ReactNode {
  const layouts = useCall('layouts.list', {}).data?.layouts;
  const layout = layouts?.find(({ id }) => id === choices.layout);
  const parts = choices.parts ?? suitable(layout);
  const [ownOwner, setOwnOwner] = useState(choices.owner !== '');
  const toggle = (part: SetupPart, on: boolean): void =>
    onChange({ parts: setupParts.filter((each) => (each === part ? on : parts.includes(each))) });
  return (
    <div className={css.columns}>
      <Panel title="Parts">
        <ul className={css.parts}>
          {setupParts.map((part) => (
            <li key={part}>
              <Checkbox label={partNames[part]} checked={parts.includes(part)} onChange={(on) => toggle(part, on)} />
              <p className={css.partWords}>{partWords[part]}</p>
            </li>
          ))}
        </ul>
      </Panel>
      <div className={css.form}>
        <Panel title="Owner and permission">
          <div className={css.form}>
            <RadioCards
              label="Owner"
              value={ownOwner ? 'own' : 'layout'}
              cards={[
                {
                  value: 'layout',
                  label: 'As the layout says',
                  children:
                    layout?.owner === undefined
                      ? 'It names no owner: what is made belongs to you.'
                      : `Owner ${layout.owner}. What only another user may do is listed with the command for it.`,
                },
                { value: 'own', label: 'Another owner', children: 'For the user that the services run as' },
              ]}
              onChange={(choice) => {
                setOwnOwner(choice === 'own');
                if (choice === 'layout') onChange({ owner: '' });
              }}
            />
            {ownOwner ? (
              <TextField
                label="User and group"
                value={choices.owner}
                onChange={(owner) => onChange({ owner: owner.trim() })}
                mono
                placeholder="1001:1001"
                error={ownerProblem(choices.owner)}
                hint="In numbers, as id prints them."
              />
            ) : null}
            <p className={css.quiet}>{modeWords(layout)}</p>
          </div>
        </Panel>
        {store === undefined ? (
          <Panel title="In Larder">
            <div className={css.form}>
              <Switch
                label="Add it as a store"
                hint="Counted, watched, and ready to be backed up."
                checked={choices.register}
                onChange={(register) => onChange({ register })}
              />
              {choices.register ? (
                <TextField
                  label="Name of the store"
                  value={choices.storeName}
                  onChange={(storeName) => onChange({ storeName })}
                  maxLength={120}
                  placeholder={
                    pathOf(choices)
                      .split(/[/\\]/)
                      .findLast((part) => part !== '') ?? 'As the folder'
                  }
                />
              ) : null}
            </div>
          </Panel>
        ) : null}
        {(layout?.moves.length ?? 0) === 0 ? null : (
          <Panel title="Data from before">
            <FolderField
              label="Folder of the code"
              value={choices.code}
              onChange={(code) => onChange({ code })}
              chooseTitle="Choose the folder the code lies in"
              placeholder="The folder the data folder lies in"
              hint="This layout knows where programs kept their data before. What is found there can be moved in afterwards."
            />
          </Panel>
        )}
      </div>
    </div>
  );
}

function modeWords(layout: Layout | undefined): string {
  if (layout?.directoryMode === undefined) return 'The layout asks for no permission; what is there stays as it is.';
  const { directoryMode, fileMode, scriptMode } = layout;
  return [
    `Folders ${directoryMode}`,
    ...(fileMode === undefined ? [] : [`files ${fileMode}`]),
    ...(scriptMode === undefined ? [] : [`scripts ${scriptMode}`]),
  ].join(', ');
}
