import { useId, useState, type ReactNode } from 'react';
import css from './number-setting.module.css';

interface NumberSettingProps {
  label: string;
  /** Written behind the field. */
  unit: string;
  value: number;
  /** The bounds the contract has for it. */
  least: number;
  most: number;
  onChange: (value: number) => void;
}

/** A whole number; taken over when the field is left or Enter is pressed. */
export function NumberSetting({ label, unit, value, least, most, onChange }: NumberSettingProps): ReactNode {
  const errorId = useId();
  const [draft, setDraft] = useState<string>();
  const wanted = Number(draft);
  const fine = draft === undefined || (Number.isInteger(wanted) && wanted >= least && wanted <= most);
  const take = (): void => {
    if (draft === undefined || !fine) return;
    setDraft(undefined);
    if (wanted !== value) onChange(wanted);
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
        aria-label={label}
        aria-invalid={fine ? undefined : true}
        aria-describedby={fine ? undefined : errorId}
        value={draft ?? String(value)}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onBlur={take}
      />
      {unit}
      {fine ? null : (
        <span id={errorId} role="alert" className={css.error}>
          {least} to {most}
        </span>
      )}
    </form>
  );
}
