import type { ReactNode } from 'react';
import { Toggle } from '@base-ui/react/toggle';
import { ToggleGroup } from '@base-ui/react/toggle-group';
import type { Choice } from './fields.tsx';
import { cx } from './cx.ts';
import css from './segmented.module.css';

/** One of a few values, all in sight. Arrow keys move between them. */
export function SegmentedControl<V extends string>({
  label,
  value,
  choices,
  onChange,
  size = 'medium',
}: {
  label: string;
  value: V;
  choices: readonly Choice<V>[];
  onChange: (value: V) => void;
  size?: 'small' | 'medium';
}): ReactNode {
  return (
    <ToggleGroup
      aria-label={label}
      value={[value]}
      onValueChange={(next) => {
        const chosen = choices.find((choice) => next.includes(choice.value));
        if (chosen !== undefined) onChange(chosen.value);
      }}
      className={cx(css.group, size === 'small' && css.small)}
    >
      {choices.map((choice) => (
        <Toggle key={choice.value} value={choice.value} className={css.segment}>
          {choice.label}
        </Toggle>
      ))}
    </ToggleGroup>
  );
}
