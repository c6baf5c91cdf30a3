import type { BigIntStats } from 'node:fs';
import { displayName } from '../../shared/path-text.ts';
import { LarderError } from '../../shared/contract/index.ts';
import type { Backup, BackupEntry, ParsedInput, Output } from '../../shared/contract/index.ts';
import type { EngineContext } from '../context.ts';
import { toLarderError } from '../fs/index.ts';
import { liveStates } from './compare.ts';
import { at, indexBytes } from './entry-index.ts';
import type { IndexData } from './entry-index.ts';
import { IndexView } from './index-view.ts';
import type { BackupKeys } from './keys.ts';
import { asText } from './preview.ts';
import type { PreviewPart } from './preview.ts';
import { compareTask, indexTask, previewTask } from './tasks.ts';

/** Backups whose entries are kept laid out in memory, so that folders answer at once. */
const keptIndexes = 2;
/** A second index is only kept while both fit in this; about two backups of a million entries. */
const keptBytes = 256 * 1024 * 1024;

interface Kept {
  readonly key: string;
  readonly index: Promise<IndexData>;
  bytes: number;
}

/** Looks inside backups. */
export class Browser {
  readonly #context: EngineContext;
  readonly #keys: BackupKeys;
  /** Most recently used last. */
  #kept: Kept[] = [];

  constructor(context: EngineContext, keys: BackupKeys) {
    this.#context = context;
    this.#keys = keys;
  }

  async list(
    backup: Backup,
    root: string | undefined,
    input: Omit<ParsedInput<'backups.ls'>, 'backup' | 'destination'>,
    signal: AbortSignal,
  ): Promise<Output<'backups.ls'>> {
    const view = await this.#view(backup);
    const folder = view.find(input.path.replace(/\/+$/, ''));
    const { offset, limit } = input;
    let page: Iterable<number>;
    let total: number;
    if (view.type(folder) !== 'dir') {
      page = offset === 0 ? [folder] : [];
      total = 1;
    } else if (input.search !== undefined && input.search !== '') {
      const found = view.search(folder, input.search);
      page = found.slice(offset, offset + limit);
      total = found.length;
    } else if (input.recursive || input.search === '') {
      const { from, to } = view.below(folder);
      total = to - from;
      page = Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, index) => from + offset + index);
    } else {
      const children = view.children(folder);
      page = children.subarray(offset, offset + limit);
      total = children.length;
    }
    const whole = input.recursive || input.search !== undefined;
    const entries = Uint32Array.from(page);
    const live = input.live ? await this.#compare(view, root, entries, signal) : undefined;
    return {
      entries: Array.from(entries, (entry, index) => ({
        ...describe(view, entry, whole),
        ...(live === undefined ? {} : { live: live[index] ?? 'unknown' }),
      })),
      total,
    };
  }

  async preview(
    backup: Backup,
    path: string,
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<Output<'backups.preview'>> {
    const { bytes, content } = await this.content(backup, path, 0, maxBytes, signal);
    const truncated = bytes > maxBytes;
    const text = asText(content, truncated);
    return { bytes, ...(text === undefined ? {} : { text }), truncated };
  }

  /** Up to `length` bytes of a file's content from `offset` on, and its size. Throws `INVALID_INPUT` for what is no file. */
  async content(
    backup: Backup,
    path: string,
    offset: number,
    length: number,
    signal: AbortSignal,
  ): Promise<{ bytes: number; content: Uint8Array }> {
    const view = await this.#view(backup);
    const entry = view.find(path);
    if (view.type(entry) !== 'file') {
      const what = view.type(entry) === 'dir' ? 'a folder' : `a link to ${displayName(linkTarget(view, entry))}`;
      throw new LarderError('INVALID_INPUT', `${displayName(path)} is ${what}, so there is no content to show.`);
    }
    const parts = partsOf(view.data, entry, offset, length);
    const keys = await this.#keys.of(
      parts.map(({ archive }) => archive),
      signal,
    );
    const content = await this.#context.pool.run(previewTask, parts, { signal, keys });
    return { bytes: at(view.data.bytes, entry), content };
  }

  async #view(backup: Backup): Promise<IndexView> {
    const stats = statManifest(this.#context, backup.manifest);
    const key = JSON.stringify([backup.manifest, String(stats.size), String(stats.mtimeNs)]);
    let kept = this.#kept.find((candidate) => candidate.key === key);
    if (kept === undefined) kept = { key, index: this.#index(backup.manifest), bytes: 0 };
    const wanted = kept;
    this.#kept = [...this.#kept.filter((candidate) => candidate !== wanted), wanted].slice(-keptIndexes);
    try {
      const index = await wanted.index;
      wanted.bytes = indexBytes(index);
      const sum = this.#kept.reduce((total, { bytes }) => total + bytes, 0);
      if (sum > keptBytes) this.#kept = this.#kept.slice(-1);
      return new IndexView(index);
    } catch (error) {
      this.#kept = this.#kept.filter((candidate) => candidate !== wanted);
      throw error;
    }
  }

  async #index(manifest: string): Promise<IndexData> {
    return this.#context.pool.run(indexTask, manifest, { keys: await this.#keys.of([manifest]) });
  }

  async #compare(
    view: IndexView,
    root: string | undefined,
    entries: Uint32Array,
    signal: AbortSignal,
  ): Promise<(typeof liveStates)[number][]> {
    if (root === undefined) return Array.from(entries, () => 'unknown');
    // The columns are shared; what is not needed for comparing would be copied, so it stays here.
    const index: IndexData = { ...view.data, frames: [], archivePaths: [], formats: [] };
    const codes = await this.#context.pool.run(compareTask, { index, root, entries }, { signal });
    return Array.from(codes, (code) => liveStates[code] ?? 'unknown');
  }
}

function statManifest(context: EngineContext, manifest: string): BigIntStats {
  try {
    return context.fs.stat(manifest);
  } catch (error) {
    throw toLarderError(error, manifest);
  }
}

function linkTarget(view: IndexView, entry: number): string {
  return view.data.targets.get(entry) ?? '';
}

function describe(view: IndexView, entry: number, wholePath: boolean): BackupEntry {
  const path = view.path(entry);
  const type = view.type(entry);
  return {
    name: wholePath ? path : view.name(entry),
    path,
    type,
    bytes: at(view.data.bytes, entry),
    files: at(view.data.files, entry),
    mode: at(view.data.mode, entry),
    mtimeMs: Number(view.data.mtimeNs[entry] ?? 0n) / 1e6,
    ...(type === 'symlink' ? { target: linkTarget(view, entry) } : {}),
  };
}

/** Where up to `length` bytes of a file from `offset` on lie. */
function partsOf(data: IndexData, entry: number, offset: number, length: number): PreviewPart[] {
  const parts: PreviewPart[] = [];
  let before = 0;
  for (let piece = at(data.pieceAt, entry); piece < at(data.pieceAt, entry + 1); piece += 1) {
    const frame = data.frames[at(data.pieces, piece * 3)];
    const pieceLength = at(data.pieces, piece * 3 + 2);
    const from = Math.max(offset, before);
    const to = Math.min(offset + length, before + pieceLength);
    const archive = frame === undefined ? undefined : data.archivePaths[frame.archive];
    const format = frame === undefined ? undefined : data.formats[frame.archive];
    if (frame === undefined || archive === undefined || format === undefined) break;
    if (from < to) {
      const within = at(data.pieces, piece * 3 + 1) + from - before;
      parts.push({ archive, format, frame, offset: within, length: to - from });
    }
    before += pieceLength;
  }
  return parts;
}
