import { useState, type ReactNode } from 'react';
import type { HealthCheck, Store } from '../../../shared/contract/index.ts';
import { errorData, useAction } from '../../data/index.ts';
import { Button, CommandLine, Dialog, ErrorState, larderCommand, Select, TextField } from '../../design/index.ts';
import { muteUntil, spanOption, type MuteSpan } from './mute-span.ts';
import css from './mute-dialog.module.css';

const spans: readonly { value: MuteSpan; label: string }[] = [
  { value: 'day', label: 'For a day' },
  { value: 'week', label: 'For a week' },
  { value: 'month', label: 'For 30 days' },
  { value: 'quarter', label: 'For 90 days' },
  { value: 'ever', label: 'Until I take it back' },
];

/** Asks why a check is not to count, and for how long. */
export function MuteDialog({
  store,
  check,
  onClose,
}: {
  store: Store;
  check: HealthCheck;
  onClose: () => void;
}): ReactNode {
  const [reason, setReason] = useState('');
  const [span, setSpan] = useState<MuteSpan>('week');
  const mute = useAction('health.mute');
  const given = reason.trim();
  const forOption = spanOption(span);
  const submit = (): void => {
    if (given === '' || mute.isPending) return;
    const untilMs = muteUntil(span, Date.now());
    mute.mutate(
      {
        store: store.id,
        check: check.id,
        reason: given,
        ...(check.area === undefined ? {} : { area: check.area }),
        ...(untilMs === undefined ? {} : { untilMs }),
      },
      { onSuccess: onClose },
    );
  };
  return (
    <Dialog
      open
      onClose={onClose}
      size="small"
      title="Mute a check"
      description={check.area === undefined ? check.title : `${check.title} (${check.area})`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            busy={mute.isPending}
            disabledReason={given === '' ? 'Say why first' : undefined}
            onClick={submit}
          >
            Mute
          </Button>
        </>
      }
    >
      <form
        className={css.body}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextField
          label="Why"
          value={reason}
          onChange={setReason}
          maxLength={500}
          placeholder="For example: this disk is mirrored"
          hint="It is shown beside the check, for whoever looks next."
        />
        <Select label="How long" value={span} choices={spans} onChange={setSpan} />
        <p className={css.quiet}>It goes on being checked and shown. It does not count in the score.</p>
        {/* Without it, Enter would do nothing: there is more than one field. */}
        <button type="submit" hidden />
        {given === '' ? null : (
          <CommandLine
            command={larderCommand(
              'health',
              store.name,
              '--mute',
              check.id,
              ...(check.area === undefined ? [] : ['--area', check.area]),
              '--reason',
              given,
              ...(forOption === undefined ? [] : ['--for', forOption]),
            )}
          />
        )}
        {mute.isError ? <ErrorState compact error={errorData(mute.error)} /> : null}
      </form>
    </Dialog>
  );
}
