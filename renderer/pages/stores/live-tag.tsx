import type { ReactNode } from 'react';
import type { Live, Store } from '../../../shared/contract/index.ts';
import { Tag, type Tone } from '../../design/index.ts';

const liveTags: Readonly<Record<Live['state'], { tone: Tone; word: string }>> = {
  live: { tone: 'ok', word: 'Live' },
  partial: { tone: 'warn', word: 'Partly live' },
  starting: { tone: 'info', word: 'Starting' },
  off: { tone: 'quiet', word: 'Not live' },
};

/** Whether a store's folder is there, and how up to date its figures are. */
export function LiveTag({ store }: { store: Store }): ReactNode {
  if (store.state !== 'ok') {
    return (
      <Tag tone="bad" title={store.stateReason}>
        {store.state === 'missing' ? 'Missing' : 'Unreadable'}
      </Tag>
    );
  }
  const { tone, word } = liveTags[store.live.state];
  return (
    <Tag tone={tone} title={store.live.reason}>
      {word}
    </Tag>
  );
}
