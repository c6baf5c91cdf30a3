import { useState, type ReactNode } from 'react';
import { ArrowDownUp } from 'lucide-react';
import type { Store, UsageChange } from '../../../shared/contract/index.ts';
import { formatBytes, formatExactBytes } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { errorData, useCall } from '../../data/index.ts';
import {
  cx,
  EmptyState,
  ErrorState,
  Panel,
  roleColor,
  roleNames,
  Skeleton,
  Swatch,
  VisuallyHidden,
} from '../../design/index.ts';
import css from './changes-panel.module.css';

const dayMs = 86_400_000;
const againMs = 300_000;
const shown = 7;

/** Folders that grew or shrank most in the last 24 hours. */
export function ChangesPanel({ stores, chosen }: { stores: readonly Store[]; chosen: Store | undefined }): ReactNode {
  const [sinceMs] = useState(() => Date.now() - dayMs);
  const changes = useCall(
    'usage.changes',
    { ...(chosen === undefined ? {} : { store: chosen.id }), sinceMs, limit: shown },
    { keepPrevious: true, everyMs: againMs },
  );
  const rows = changes.data?.changes.filter((change) => stores.some((store) => store.id === change.store));
  return (
    <Panel title="Biggest changes, 24 h">
      {changes.isError ? (
        <ErrorState error={errorData(changes.error)} onRetry={() => void changes.refetch()} />
      ) : rows === undefined ? (
        <Skeleton what="Asking what changed" lines={4} />
      ) : rows.length === 0 ? (
        <EmptyState icon={ArrowDownUp} title="Nothing changed much">
          Folders that grow or shrink within a day appear here.
        </EmptyState>
      ) : (
        <ul>
          {rows.map((change) => (
            <ChangeLine
              key={`${change.store} ${change.path}`}
              change={change}
              storeName={stores.length > 1 ? stores.find((store) => store.id === change.store)?.name : undefined}
            />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function ChangeLine({ change, storeName }: { change: UsageChange; storeName: string | undefined }): ReactNode {
  const { path, role, before, after } = change;
  const difference = after - before;
  const slash = path.lastIndexOf('/');
  const name = path === '' ? 'Files in the top folder' : displayName(path.slice(slash + 1));
  const detail = [storeName, slash < 0 ? undefined : displayName(path.slice(0, slash))].filter(Boolean).join(' · ');
  const words = before === 0 ? 'new' : after === 0 ? 'gone' : undefined;
  return (
    <li className={css.line}>
      <span className={css.name}>
        <Swatch color={roleColor(role)} />
        <VisuallyHidden>{roleNames[role]}</VisuallyHidden>
        {after === 0 ? (
          <span className={css.text}>{name}</span>
        ) : (
          <a
            className={cx(css.text, css.link)}
            href={href(pagePaths.store(change.store, path))}
            title={path === '' ? undefined : displayName(path)}
          >
            {name}
          </a>
        )}
        {detail === '' ? null : <span className={css.detail}>{detail}</span>}
      </span>
      <span className={css.change} title={`from ${formatExactBytes(before)} to ${formatExactBytes(after)}`}>
        {words === undefined ? null : <span className={css.detail}>{words}</span>}
        <b>{`${difference < 0 ? '−' : '+'}${formatBytes(Math.abs(difference))}`}</b>
      </span>
    </li>
  );
}
