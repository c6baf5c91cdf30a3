import type { FileSystem } from '../fs/index.ts';
import { applyEdits } from './edit.ts';
import { decode, digestOf, readSmall } from './files.ts';
import type { Finding } from './finding.ts';
import { results } from './run.ts';
import type { CheckRequest } from './run.ts';
import { idOf, patchOf, shown } from './tell.ts';

export interface FixRequest {
  readonly check: CheckRequest;
  readonly findings: 'safe' | readonly string[];
}

/** Files as they would be once findings are mended. */
export interface Fixed {
  readonly files: readonly {
    readonly file: string;
    /** SHA-256 of the bytes the mend was made for. */
    readonly digest: string;
    readonly text: string;
    readonly patch: string;
  }[];
  readonly mended: readonly { id: string; rule: Finding['rule']; message: string; title: string; note?: string }[];
  readonly left: readonly string[];
}

const maxMends = 500;

/**
 * Mends one finding after the other in memory, checking anew after each, so that mends of one file agree with each other
 * and nothing is mended that an earlier mend has settled.
 */
export function runFix(fs: FileSystem, { check, findings: wanted }: FixRequest): Fixed {
  const before = new Map<string, { text: string; digest: string; folder: string }>();
  const now = new Map<string, string>();
  const mended = new Map<string, Fixed['mended'][number]>();
  const asked = wanted === 'safe' ? undefined : new Set(wanted);
  for (let round = 0; round < maxMends; round++) {
    const next = results(fs, check, now)
      .flatMap(({ project, findings }) => findings.map((finding) => ({ project, finding, id: idOf(finding) })))
      .find(
        ({ finding: { mend }, id }) =>
          mend !== undefined && !mended.has(id) && (asked === undefined ? mend.safe : asked.has(id)),
      );
    if (next?.finding.mend === undefined) break;
    const { project, finding, id } = next;
    const { title, note, edits } = next.finding.mend;
    for (const file of new Set(edits.map((edit) => edit.file))) {
      let text = now.get(file);
      if (text === undefined) {
        const bytes = readSmall(fs, file);
        text = decode(file, bytes);
        before.set(file, { text, digest: digestOf(bytes), folder: project.folder });
      }
      now.set(
        file,
        applyEdits(
          text,
          edits.filter((edit) => edit.file === file),
        ),
      );
    }
    mended.set(id, {
      id,
      rule: finding.rule,
      message: shown(finding.message),
      title: shown(title),
      ...(note === undefined ? {} : { note }),
    });
  }
  return {
    files: [...before].flatMap(([file, { text, digest, folder }]) => {
      const after = now.get(file) ?? text;
      return after === text ? [] : [{ file, digest, text: after, patch: patchOf(folder, file, text, after) }];
    }),
    mended: [...mended.values()],
    left: [...(asked ?? [])].filter((id) => !mended.has(id)),
  };
}
