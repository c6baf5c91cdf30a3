import { useState, type ReactNode } from 'react';
import { Bell } from 'lucide-react';
import type { Notice } from '../../../shared/contract/index.ts';
import { useAction, useSystemInfo } from '../../data/index.ts';
import { Button, IconButton, Popover, RelativeTime, Tag, type Tone } from '../../design/index.ts';
import { HealthAlerts, useHealthAlerts } from './health-alerts.tsx';
import css from './notices.module.css';

const tones: Readonly<Record<Notice['level'], Tone>> = { info: 'info', warn: 'warn', error: 'bad' };
const words: Readonly<Record<Notice['level'], string>> = { info: 'To know', warn: 'Look at this', error: 'Trouble' };

/** The bell: what Larder has to say about itself. */
export function Notices(): ReactNode {
  const notices = useSystemInfo()?.notices ?? [];
  const dismiss = useAction('system.dismissNotice');
  const alerts = useHealthAlerts();
  const [open, setOpen] = useState(false);
  const count = notices.length + alerts.length;
  return (
    <Popover
      title="Notices"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <IconButton
          icon={Bell}
          label={count === 0 ? 'Notices' : `Notices, ${count} new`}
          badge={count === 0 ? undefined : count}
        />
      }
    >
      {count === 0 ? <p className={css.none}>Nothing to report.</p> : null}
      <ul className={css.list}>
        <HealthAlerts alerts={alerts} onGo={() => setOpen(false)} />
        {notices.map((notice) => (
          <li key={notice.id} className={css.notice}>
            <div className={css.head}>
              <Tag tone={tones[notice.level]}>{words[notice.level]}</Tag>
              <span className={css.time}>
                <RelativeTime atMs={notice.atMs} />
              </span>
            </div>
            <p>{notice.message}</p>
            {notice.hint === undefined ? null : <p className={css.hint}>{notice.hint}</p>}
            <Button size="small" onClick={() => dismiss.mutate({ id: notice.id })}>
              Put away
            </Button>
          </li>
        ))}
      </ul>
    </Popover>
  );
}
