import { useId, type ReactNode } from 'react';
import { Radio } from '@base-ui/react/radio';
import { RadioGroup } from '@base-ui/react/radio-group';
import { cx } from './cx.ts';
import css from './radio-cards.module.css';

export interface RadioCard<V extends string> {
  value: V;
  label: string;
  /** What choosing it means. */
  children?: ReactNode;
  /** Beside the label, for example an estimate. */
  aside?: ReactNode;
  disabled?: boolean;
}

/** One of a few ways, each with what it means. Arrow keys move between them. */
export function RadioCards<V extends string>({
  label,
  value,
  cards,
  onChange,
}: {
  label: string;
  value: V;
  cards: readonly RadioCard<V>[];
  onChange: (value: V) => void;
}): ReactNode {
  const id = useId();
  return (
    <RadioGroup
      aria-label={label}
      value={value}
      onValueChange={(next) => {
        const chosen = cards.find((card) => card.value === next);
        if (chosen !== undefined) onChange(chosen.value);
      }}
      className={css.group}
    >
      {cards.map((card) => (
        <div key={card.value} className={cx(css.card, card.value === value && css.on)}>
          <label className={css.head}>
            <Radio.Root
              value={card.value}
              disabled={card.disabled === true}
              className={css.radio}
              aria-labelledby={`${id}-${card.value}`}
              {...(card.children === undefined ? {} : { 'aria-describedby': `${id}-${card.value}-words` })}
            >
              <Radio.Indicator className={css.mark} />
            </Radio.Root>
            <span id={`${id}-${card.value}`} className={css.label}>
              {card.label}
            </span>
            {card.aside === undefined ? null : <span className={css.aside}>{card.aside}</span>}
          </label>
          {card.children === undefined ? null : (
            <div id={`${id}-${card.value}-words`} className={css.words}>
              {card.children}
            </div>
          )}
        </div>
      ))}
    </RadioGroup>
  );
}
