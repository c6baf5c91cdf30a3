import { useState, type ReactNode } from 'react';
import { Dices } from 'lucide-react';
import { passphraseStrength } from '../../../shared/passphrase.ts';
import { Button, Checkbox, SecretField } from '../../design/index.ts';
import { suggestPassphrase, type NewPassphrase } from './new-passphrase.ts';
import css from './secrets.module.css';

/** A passphrase typed twice, or one that is suggested, with what it is worth and what losing it means. */
export function NewPassphraseFields({
  value,
  onChange,
}: {
  value: NewPassphrase;
  onChange: (value: NewPassphrase) => void;
}): ReactNode {
  // A suggested one is shown, so the fields begin anew.
  const [suggested, setSuggested] = useState(0);
  const { text, again, noted } = value;
  const strength = passphraseStrength(text);
  const differs = again !== '' && !text.startsWith(again) && again !== text;
  return (
    <div className={css.fields} key={suggested}>
      <div>
        <SecretField
          label="Passphrase"
          value={text}
          shown={suggested > 0}
          maxLength={1_000}
          onChange={(next) => onChange({ ...value, text: next, noted: false })}
        />
        <p className={css.strength} aria-live="polite">
          {text === '' ? (
            'Six words that have nothing to do with each other, or one that Larder suggests.'
          ) : (
            <>
              <span className={css.meter} data-level={strength.level} aria-hidden="true">
                <span />
                <span />
                <span />
                <span />
              </span>
              {strength.label}
              {strength.advice === undefined ? null : `. ${strength.advice}`}
            </>
          )}
        </p>
      </div>
      <SecretField
        label="The same again"
        value={again}
        shown={suggested > 0}
        maxLength={1_000}
        error={differs ? 'The two are not the same' : undefined}
        onChange={(next) => onChange({ ...value, again: next })}
      />
      <div className={css.row}>
        <Button
          size="small"
          icon={Dices}
          onClick={() => {
            const made = suggestPassphrase();
            onChange({ text: made, again: made, noted: false });
            setSuggested(suggested + 1);
          }}
        >
          Suggest one
        </Button>
        <span className={css.quiet}>Six random words, 96 bits; it is made in this window and sent nowhere.</span>
      </div>
      <Checkbox
        label="I have written it down, somewhere that is not this computer"
        checked={noted}
        onChange={(next) => onChange({ ...value, noted: next })}
      />
    </div>
  );
}
