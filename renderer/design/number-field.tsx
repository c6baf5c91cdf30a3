import { useId, useState, type ReactNode } from 'react';
import css from './number-field.module.css';

export interface NumberFieldProps {
  label: string;
  labelHidden?: boolean;
  value: number;
  onChange: (value: number) => void;
  /** The least and the most it may be. */
  min: number;
  max: number;
  /** Stands behind it: "days". */
  unit?: string;
  /** Each fitting number while it is typed; otherwise when the field is left or Enter is pressed. */
  live?: boolean;
}

/** A whole number within bounds. What does not fit is said and not taken over. */
export function NumberField({
  label,
  labelHidden = false,
  value,
  onChange,
  min,
  max,
  unit,
  live = false,
}: NumberFieldProps): ReactNode {
  const id = useId();
  const [draft, setDraft] = useState<string>();
  const fits = (text: string): boolean => /^\d+$/.test(text.trim()) && Number(text) >= min && Number(text) <= max;
  const wrong = draft !== undefined && !fits(draft);
  const take = (): void => {
    if (draft !== undefined && fits(draft) && Number(draft) !== value) onChange(Number(draft));
    if (!wrong) setDraft(undefined);
  };
  return (
    <span className={css.field}>
      {labelHidden ? null : (
        <label htmlFor={id} className={css.label}>
          {label}
        </label>
      )}
      <input
        id={id}
        className={css.input}
        inputMode="numeric"
        autoComplete="off"
        {...(labelHidden ? { 'aria-label': label } : {})}
        aria-invalid={wrong ? true : undefined}
        aria-describedby={wrong ? `${id}-error` : undefined}
        value={draft ?? String(value)}
        onChange={(event) => {
          const text = event.currentTarget.value;
          setDraft(text);
          if (live && fits(text)) onChange(Number(text));
        }}
        onBlur={take}
        onKeyDown={(event) => {
          const step = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
          if (event.key === 'Enter') take();
          if (step === 0) return;
          event.preventDefault();
          const from = draft !== undefined && fits(draft) ? Number(draft) : value;
          const next = Math.min(max, Math.max(min, from + step));
          setDraft(live ? undefined : String(next));
          if (live) onChange(next);
        }}
      />
      {unit === undefined ? null : <span className={css.unit}>{unit}</span>}
      {wrong ? (
        <span id={`${id}-error`} role="alert" className={css.error}>
          {min} to {max}
        </span>
      ) : null}
    </span>
  );
}
