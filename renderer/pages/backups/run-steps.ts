/** One step of a backup under way. */
export interface Step {
  label: string;
  state: 'done' | 'now' | 'later';
}

interface Known {
  label: string;
  /** What the engine calls it; it may go by several names. */
  phases: readonly string[];
}

const reading: readonly Known[] = [
  { label: 'List files', phases: ['Starting', 'Listing files'] },
  { label: 'Copy databases in use', phases: ['Copying databases'] },
  { label: 'Read files', phases: ['Reading files'] },
  { label: 'Commit', phases: ['Committing'] },
];
const verifying: Known = { label: 'Verify', phases: ['Verifying'] };
const removing: Known = { label: 'Remove old ones', phases: ['Removing old backups', 'Compacting archives'] };

/** The steps of a backup, by the phase its job is in. Where the phase is none of them, none is said to be the present one. */
export function backupSteps(phase: string, { verify, rotate }: { verify: boolean; rotate: boolean }): Step[] {
  const steps = [
    ...reading,
    // What is under way counts, whatever the settings are by now.
    ...(verify || verifying.phases.includes(phase) ? [verifying] : []),
    ...(rotate || removing.phases.includes(phase) ? [removing] : []),
  ];
  const now = steps.findIndex(({ phases }) => phases.includes(phase));
  return steps.map(({ label }, index) => ({
    label,
    state: index < now ? 'done' : index === now ? 'now' : 'later',
  }));
}
