import type { ReactNode } from 'react';
import { parsePatch, type DiffLine } from './diff-lines.ts';
import css from './diff-view.module.css';

const signs: Readonly<Record<DiffLine['kind'], string>> = { same: ' ', gone: '−', new: '+', gap: '' };
const words: Readonly<Record<DiffLine['kind'], string | undefined>> = {
  same: undefined,
  gone: 'taken away',
  new: 'added',
  gap: undefined,
};

/** A patch as a unified difference: what goes and what comes, with the numbers of the lines. */
export function DiffView({ patch, label }: { patch: string; label: string }): ReactNode {
  return parsePatch(patch).map(({ name, lines }) => (
    // It scrolls sideways, so the keyboard must reach it.
    <div key={name} className={css.file} role="region" aria-label={`${label}: ${name}`} tabIndex={0}>
      <p className={css.name}>{name}</p>
      <table className={css.lines}>
        <tbody>
          {lines.map((line, index) => (
            <tr key={index} className={css[line.kind]}>
              <td className={css.number}>{line.before}</td>
              <td className={css.number}>{line.after}</td>
              <td className={css.sign} aria-label={words[line.kind]}>
                {signs[line.kind]}
              </td>
              <td className={css.text}>{line.text}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  ));
}
