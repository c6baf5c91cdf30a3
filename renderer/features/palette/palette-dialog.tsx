import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { Dialog as Base } from '@base-ui/react/dialog';
import { Search } from 'lucide-react';
import { cx, Icon } from '../../design/index.ts';
import {
  actions,
  filterEntries,
  isMac,
  paletteEntries,
  shortcutText,
  useActionContext,
  type PaletteEntry,
} from '../../app/actions/index.ts';
import css from './palette-dialog.module.css';

/** Every action by name: type a few letters, choose with the arrow keys, Enter. */
export function PaletteDialog({
  initialQuery = '',
  onClose,
}: {
  initialQuery?: string | undefined;
  onClose: () => void;
}): ReactNode {
  const context = useActionContext();
  const [query, setQuery] = useState(initialQuery);
  const [active, setActive] = useState(0);
  const listRef = useRef<HTMLUListElement>(null);
  const id = useId();
  const entries = filterEntries(paletteEntries(actions, context), query);
  const current = entries[Math.min(active, entries.length - 1)];

  useEffect(() => {
    listRef.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [active, query]);

  const run = (entry: PaletteEntry | undefined): void => {
    if (entry === undefined || entry.because !== undefined) return;
    onClose();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && entries.length > 0) {
      event.preventDefault();
      setActive((Math.min(active, entries.length - 1) + step + entries.length) % entries.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(current);
    }
  };

  return (
    <Base.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Base.Portal>
        <Base.Backdrop className={css.backdrop} />
        <Base.Popup className={css.popup}>
          <Base.Title className={css.title}>Search actions</Base.Title>
          <div className={css.search}>
            <Icon icon={Search} />
            <input
              className={css.input}
              role="combobox"
              aria-label="Search actions"
              aria-expanded="true"
              aria-controls={id}
              aria-autocomplete="list"
              aria-activedescendant={current === undefined ? undefined : `${id}-${current.id}`}
              placeholder="What would you like to do?"
              spellCheck={false}
              autoComplete="off"
              value={query}
              onChange={(event) => {
                setQuery(event.currentTarget.value);
                setActive(0);
              }}
              onKeyDown={onKeyDown}
            />
          </div>
          {entries.length === 0 ? (
            <p className={css.none} role="status">
              No action is called that.
            </p>
          ) : (
            <ul id={id} ref={listRef} role="listbox" aria-label="Actions" className={css.list}>
              {entries.map((entry, index) => (
                // The keyboard stays in the text field; aria-activedescendant tells which option is meant.
                <li
                  key={entry.id}
                  id={`${id}-${entry.id}`}
                  role="option"
                  aria-selected={entry === current}
                  aria-disabled={entry.because !== undefined}
                  className={cx(css.entry, entry === current && css.active)}
                  onMouseMove={() => setActive(index)}
                  onClick={() => run(entry)}
                >
                  <Icon icon={entry.icon} />
                  <span className={css.name}>{entry.name}</span>
                  <span className={css.group}>{entry.because ?? entry.group}</span>
                  {entry.shortcut === undefined ? null : (
                    <kbd className={css.keys}>{shortcutText(entry.shortcut, isMac)}</kbd>
                  )}
                </li>
              ))}
            </ul>
          )}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
