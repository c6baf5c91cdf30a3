import { useEffect, useState, type ReactNode } from 'react';
import { Unplug } from 'lucide-react';
import { formatTimeOfDay } from '../../../shared/format.ts';
import { useClient, useConnection, useHost } from '../../data/index.ts';
import { Icon, Spinner } from '../../design/index.ts';
import css from './connection-bar.module.css';

/** Says that the engine cannot be reached, since when, why, and what is being done about it. */
export function ConnectionBar(): ReactNode {
  const client = useClient();
  const { kind } = useHost();
  const connection = useConnection();
  const [lost, setLost] = useState<{ atMs: number; reason: string | undefined }>();
  useEffect(
    () =>
      client.onConnection((state, reason) => {
        if (state === 'disconnected') setLost((before) => ({ atMs: before?.atMs ?? Date.now(), reason }));
        else if (state === 'connected') setLost(undefined);
      }),
    [client],
  );
  if (connection !== 'disconnected') return null;
  return (
    <div role="status" className={css.bar}>
      <Icon icon={Unplug} />
      <span className={css.text}>
        <b>{kind === 'desktop' ? 'Larder’s engine has stopped.' : 'The connection to Larder is lost.'}</b>{' '}
        {kind === 'desktop'
          ? 'It is being started again.'
          : 'Trying again by itself; check that larder serve still runs.'}
        {lost === undefined ? null : ` What is shown is from ${formatTimeOfDay(lost.atMs)}.`}
        {lost?.reason === undefined ? null : <span className={css.reason}> ({lost.reason})</span>}
      </span>
      <Spinner />
    </div>
  );
}
