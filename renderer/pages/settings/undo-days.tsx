import { useState, type ReactNode } from 'react';
import css from './undo-days.module.css';

/** The bounds of the contract's `undoDays`. */
const least = 1;
const most = 365;

/** A whole number of days; taken over when the field is left or Enter is pressed. */
export function UndoDays({ value, onChange }: { value: number; onChange: (days: number) => void }): ReactNode {
  const [draft, setDraft] = useState<string>();
  const days = Number(draft);
  const fine = draft === undefined || (Number.isInteger(days) && days >= least && days <= most);
  const take = (): void => {
    if (draft === undefined || !fine) return;
    setDraft(undefined);
    if (days !== value) onChange(days);
  };
  return (
    <form
      className={css.line}
      onSubmit={(event) => {
        event.preventDefault();
        take();
      }}
    >
      <input
        className={css.input}
        inputMode="numeric"
        aria-label="Days replaced files are kept"
        aria-invalid={fine ? undefined : true}
        aria-describedby={fine ? undefined : 'undo-days-error'}
        value={draft ?? String(value)}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onBlur={take}
      />
      days
      {fine ? null : (
        <span id="undo-days-error" role="alert" className={css.error}>
          {least} to {most}
        </span>
      )}
    </form>
  );
}
