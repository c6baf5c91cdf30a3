import { useState, type ReactNode } from 'react';
import { displayName } from '../../../shared/path-text.ts';
import { VirtualList } from '../../design/index.ts';
import { withoutPath } from './without-path.ts';
import css from './path-list.module.css';

export interface PathLine {
  path: string;
  /** Why it stands here. */
  reason: string;
}

const rowHeight = 46;
const rowsInSight = 5;

/** Paths with a reason each; long lists scroll, and only what is in sight exists. */
export function PathList({ label, lines }: { label: string; lines: readonly PathLine[] }): ReactNode {
  const [active, setActive] = useState(-1);
  if (lines.length <= rowsInSight) {
    return (
      <ul className={css.short} aria-label={label}>
        {lines.map((line, index) => (
          <li key={index}>
            <Line line={line} />
          </li>
        ))}
      </ul>
    );
  }
  return (
    <VirtualList
      label={label}
      count={lines.length}
      rowHeight={rowHeight}
      className={css.long}
      active={active}
      onActiveChange={setActive}
      renderRow={(index) => {
        const line = lines[index];
        return line === undefined ? null : <Line line={line} />;
      }}
    />
  );
}

function Line({ line: { path, reason } }: { line: PathLine }): ReactNode {
  const shown = path === '' ? 'The folder itself' : displayName(path);
  const words = withoutPath(reason, path);
  return (
    <div className={css.line}>
      <code className={css.path} title={shown}>
        {shown}
      </code>
      <span className={css.reason} title={words}>
        {words}
      </span>
    </div>
  );
}
