import type { ReactNode } from 'react';
import type { HealthCheck, Store } from '../../../shared/contract/index.ts';
import { ActionButton } from '../../app/actions/index.ts';
import { useChosenStore } from '../../app/chosen-store.tsx';
import { href, pagePaths } from '../../app/paths.ts';
import { Button, ButtonLink } from '../../design/index.ts';
import { isOpen } from './health-words.ts';

/** The one thing to press about a line: its safe fix, or where the person can do something about it themselves. */
export function NextStep({
  store,
  check,
  onFix,
}: {
  store: Store;
  check: HealthCheck;
  onFix: (check: string) => void;
}): ReactNode {
  const { choose } = useChosenStore();
  if (check.status === 'pass') return null;
  if (check.fix !== undefined && isOpen(check)) {
    return (
      <Button
        size="small"
        title={check.fix.title}
        aria-label={`Fix: ${check.fix.title}`}
        onClick={() => onFix(check.id)}
      >
        Fix…
      </Button>
    );
  }
  const link = (words: string, path: string): ReactNode => (
    <ButtonLink size="small" variant="quiet" href={href(path)} onClick={() => choose(store.id)}>
      {words}
    </ButtonLink>
  );
  switch (check.id) {
    case 'backups.any':
    case 'backups.age':
    case 'backups.last':
    case 'backups.count':
      return (
        <ActionButton action="backup.now" store={store} size="small" variant="quiet">
          Back up…
        </ActionButton>
      );
    case 'backups.destination':
    case 'backups.other-disk':
      return (
        <ActionButton action="store.destination" store={store} size="small" variant="quiet">
          Change…
        </ActionButton>
      );
    case 'backups.verified':
    case 'backups.whole':
    case 'backups.dates':
      return link('Backups', pagePaths.backups());
    case 'disk.fill':
    case 'disk.forecast':
    case 'structure.unexpected':
      return link('Show usage', pagePaths.store(store.id));
    case 'larder.database':
      return link('Settings', pagePaths.settings());
    case 'compose.findings':
      return link('Show lines', pagePaths.compose());
    default:
      return check.group === 'integrity' && isOpen(check) ? link('Restore…', pagePaths.restore()) : null;
  }
}
