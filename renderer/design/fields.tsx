import { useId, type ComponentPropsWithRef, type ReactNode } from 'react';
import { Checkbox as BaseCheckbox } from '@base-ui/react/checkbox';
import { Select as BaseSelect } from '@base-ui/react/select';
import { Switch as BaseSwitch } from '@base-ui/react/switch';
import { Check, ChevronsUpDown, Minus } from 'lucide-react';
import { cx } from './cx.ts';
import { Icon } from './icon.tsx';
import css from './fields.module.css';

/** A label, its control, a quiet hint, and what is wrong with the value. */
export function Field({
  label,
  htmlFor,
  hint,
  hintId,
  error,
  errorId,
  children,
}: {
  label: string;
  htmlFor?: string;
  hint?: ReactNode;
  hintId?: string;
  error?: string | undefined;
  errorId?: string;
  children: ReactNode;
}): ReactNode {
  return (
    <div className={css.field}>
      <label className={css.label} htmlFor={htmlFor}>
        {label}
      </label>
      {children}
      {hint === undefined ? null : (
        <p id={hintId} className={css.hint}>
          {hint}
        </p>
      )}
      {error === undefined ? null : (
        <p id={errorId} className={css.error} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

export interface TextFieldProps extends Omit<ComponentPropsWithRef<'input'>, 'onChange' | 'value' | 'id'> {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: ReactNode;
  error?: string | undefined;
  /** Fixed width type, for paths and commands. */
  mono?: boolean;
  /** Stands at the right of the input. */
  after?: ReactNode;
}

export function TextField({
  label,
  value,
  onChange,
  hint,
  error,
  mono = false,
  after,
  className,
  ...rest
}: TextFieldProps): ReactNode {
  const id = useId();
  const describedBy = [hint === undefined ? '' : `${id}-hint`, error === undefined ? '' : `${id}-error`]
    .filter(Boolean)
    .join(' ');
  return (
    <Field label={label} htmlFor={id} hint={hint} hintId={`${id}-hint`} error={error} errorId={`${id}-error`}>
      <div className={css.line}>
        <input
          {...rest}
          id={id}
          value={value}
          spellCheck={false}
          autoComplete="off"
          aria-invalid={error === undefined ? undefined : true}
          aria-describedby={describedBy === '' ? undefined : describedBy}
          className={cx(css.input, mono && css.mono, className)}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
        {after}
      </div>
    </Field>
  );
}

export interface Choice<V extends string> {
  value: V;
  label: string;
}

/** One of a few values, in a list that opens. */
export function Select<V extends string>({
  label,
  labelHidden = false,
  value,
  choices,
  onChange,
  hint,
}: {
  label: string;
  labelHidden?: boolean;
  value: V;
  choices: readonly Choice<V>[];
  onChange: (value: V) => void;
  hint?: ReactNode;
}): ReactNode {
  const id = useId();
  return (
    <div className={css.field}>
      {labelHidden ? null : (
        <span id={id} className={css.label}>
          {label}
        </span>
      )}
      <BaseSelect.Root<V>
        value={value}
        items={choices}
        onValueChange={(next) => {
          if (next !== null) onChange(next);
        }}
      >
        <BaseSelect.Trigger
          className={css.select}
          {...(labelHidden ? { 'aria-label': label } : { 'aria-labelledby': id })}
        >
          <BaseSelect.Value />
          <BaseSelect.Icon className={css.selectIcon}>
            <Icon icon={ChevronsUpDown} size={14} />
          </BaseSelect.Icon>
        </BaseSelect.Trigger>
        <BaseSelect.Portal>
          <BaseSelect.Positioner className={css.positioner} sideOffset={4} alignItemWithTrigger={false}>
            <BaseSelect.Popup className={css.popup}>
              <BaseSelect.List>
                {choices.map((choice) => (
                  <BaseSelect.Item key={choice.value} value={choice.value} className={css.option}>
                    <BaseSelect.ItemText>{choice.label}</BaseSelect.ItemText>
                    <BaseSelect.ItemIndicator className={css.optionMark}>
                      <Icon icon={Check} size={14} />
                    </BaseSelect.ItemIndicator>
                  </BaseSelect.Item>
                ))}
              </BaseSelect.List>
            </BaseSelect.Popup>
          </BaseSelect.Positioner>
        </BaseSelect.Portal>
      </BaseSelect.Root>
      {hint === undefined ? null : <p className={css.hint}>{hint}</p>}
    </div>
  );
}

/** Something that is on or off, and takes effect at once. */
export function Switch({
  label,
  labelHidden = false,
  checked,
  onChange,
  hint,
  disabled = false,
}: {
  label: string;
  labelHidden?: boolean;
  checked: boolean;
  onChange: (checked: boolean) => void;
  hint?: ReactNode;
  disabled?: boolean;
}): ReactNode {
  const id = useId();
  return (
    <div className={css.switchRow}>
      <BaseSwitch.Root
        checked={checked}
        disabled={disabled}
        onCheckedChange={(next) => onChange(next)}
        className={css.switch}
        {...(labelHidden ? { 'aria-label': label } : { 'aria-labelledby': id })}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
      >
        <BaseSwitch.Thumb className={css.thumb} />
      </BaseSwitch.Root>
      {labelHidden ? null : (
        <span>
          <span id={id}>{label}</span>
          {hint === undefined ? null : (
            <span id={`${id}-hint`} className={css.hint}>
              {hint}
            </span>
          )}
        </span>
      )}
    </div>
  );
}

export interface CheckboxProps {
  label: string;
  labelHidden?: boolean;
  /** `mixed`: some of what is below it. */
  checked: boolean | 'mixed';
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  tabIndex?: number;
}

/** A box to tick, with a third state for "some of it". */
export function Checkbox({
  label,
  labelHidden = false,
  checked,
  onChange,
  disabled = false,
  tabIndex,
}: CheckboxProps): ReactNode {
  const id = useId();
  return (
    <span className={css.checkRow}>
      <BaseCheckbox.Root
        checked={checked === true}
        indeterminate={checked === 'mixed'}
        disabled={disabled}
        onCheckedChange={(next) => onChange(next)}
        className={css.checkbox}
        {...(tabIndex === undefined ? {} : { tabIndex })}
        {...(labelHidden ? { 'aria-label': label } : { 'aria-labelledby': id })}
      >
        <BaseCheckbox.Indicator className={css.checkMark}>
          <Icon icon={checked === 'mixed' ? Minus : Check} size={12} />
        </BaseCheckbox.Indicator>
      </BaseCheckbox.Root>
      {labelHidden ? null : <span id={id}>{label}</span>}
    </span>
  );
}
