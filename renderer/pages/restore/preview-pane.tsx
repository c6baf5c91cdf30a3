import type { ReactNode } from 'react';
import { X } from 'lucide-react';
import { formatBytes } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { errorData, useCall } from '../../data/index.ts';
import { Bytes, ErrorState, IconButton, Skeleton, useDebounced } from '../../design/index.ts';
import { previewText } from './preview-text.ts';
import css from './preview-pane.module.css';

/** The beginning of a file as it is in the backup. */
export function PreviewPane({
  backup,
  path,
  onClose,
}: {
  backup: string;
  path: string;
  onClose: () => void;
}): ReactNode {
  const settled = useDebounced(path, 120);
  const content = useCall('backups.preview', { backup, path: settled });
  const data = settled === path ? content.data : undefined;
  const name = displayName(path.slice(path.lastIndexOf('/') + 1));
  return (
    <section className={css.preview} aria-label={`Preview of ${name}`}>
      <header className={css.head}>
        <b className={css.name} title={displayName(path)}>
          {name}
        </b>
        <span className={css.quiet}>
          {data === undefined ? 'preview' : data.truncated ? `the first ${formatBytes(65_536)} of ` : null}
          {data === undefined ? null : <Bytes value={data.bytes} />}
        </span>
        <IconButton icon={X} label="Close preview" size="small" className={css.close} onClick={onClose} />
      </header>
      {content.isError && settled === path ? (
        <ErrorState error={errorData(content.error)} compact onRetry={() => void content.refetch()} />
      ) : data === undefined ? (
        <Skeleton what="Reading the file" lines={2} />
      ) : data.text === undefined ? (
        <p className={css.quiet}>This file is not text, so there is nothing to show.</p>
      ) : data.bytes === 0 ? (
        <p className={css.quiet}>This file is empty.</p>
      ) : (
        <pre className={css.text} tabIndex={0} aria-label={`Content of ${name}`} role="region">
          {previewText(path, data.text, data.truncated)}
        </pre>
      )}
    </section>
  );
}
