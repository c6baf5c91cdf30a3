import { LarderError } from '../../shared/contract/index.ts';
import type { KeptEntry } from './collector.ts';
import { groupTask } from './group-task.ts';
import type { GroupItem, GroupOutput, LinkedContent } from './group-task.ts';

import { quiet } from './unit.ts';
import type { Unit, UnitContext } from './unit.ts';
import { FileUnit } from './file-unit.ts';

/** Entries of the older backup that stand before the item of that number of a unit, taken over as they are. */
export type KeptBefore = readonly [item: number, entries: readonly KeptEntry[]];

/**
 * Small entries that make one frame, and between them those that the older backup has already. Several frames only when
 * files have grown since they were listed.
 */
export class GroupUnit implements Unit {
  private readonly context: UnitContext;
  private readonly items: readonly GroupItem[];
  private readonly kept: readonly KeptBefore[];
  private result: Promise<GroupOutput> | undefined;

  constructor(context: UnitContext, items: readonly GroupItem[], kept: readonly KeptBefore[]) {
    this.context = context;
    this.items = items;
    this.kept = kept;
    const { linked } = context.collector;
    for (const key of this.keys()) if (!linked.has(key)) linked.set(key, { pending: this });
  }

  /** What its files share with others: `device:inode` of those with several names, and what twins have in common. */
  private *keys(): Generator<string> {
    for (const item of this.items) {
      if (item.t !== 'file') continue;
      if (item.key !== undefined) yield item.key;
      if (item.twin !== undefined) yield item.twin.key;
    }
    for (const [, entries] of this.kept) for (const { key } of entries) if (key !== undefined) yield key;
  }

  get ahead(): number {
    return this.result === undefined ? 0 : 1;
  }

  /** Whether all content that its hard links lead to is settled, or will be by this unit itself. */
  ready(): boolean {
    const { linked } = this.context.collector;
    for (const key of this.keys()) {
      const content = linked.get(key);
      if (content !== undefined && 'pending' in content && content.pending !== this) return false;
    }
    return true;
  }

  startNext(): boolean {
    if (this.result !== undefined) return false;
    this.result = this.start(this.items);
    return true;
  }

  private start(items: readonly GroupItem[]): Promise<GroupOutput> {
    const { root, format, held } = this.context;
    if (items.length === 0) return Promise.resolve(emptyOutput);
    const known = items.map((item) => {
      if (item.t !== 'file') return item;
      const first = item.key === undefined ? undefined : this.contentOf(item.key);
      const twin = item.twin === undefined ? undefined : this.contentOf(item.twin.key);
      return {
        ...item,
        ...(first === undefined ? {} : { known: first }),
        ...(item.twin === undefined || twin === undefined ? {} : { twin: { ...item.twin, known: twin } }),
      };
    });
    const input = { root, format, items: known, ...(held === undefined ? {} : { held }) };
    return quiet(this.context.run(groupTask, input));
  }

  /** The settled content under a key. */
  private contentOf(key: string): LinkedContent | undefined {
    const { linked } = this.context.collector;
    const content = linked.get(key);
    // The first was left out after all: this is the first now.
    if (content === undefined) linked.set(key, { pending: this });
    return content === undefined || 'pending' in content ? undefined : content;
  }

  async takeNext(): Promise<boolean> {
    const { collector } = this.context;
    let done = 0;
    let output = await (this.result ?? this.start(this.items));
    for (;;) {
      const upTo = done + output.taken;
      const ended = upTo === this.items.length;
      collector.addGroup(output, this.keptBetween(done, ended ? upTo + 1 : upTo));
      done = upTo;
      const next = this.items[done];
      if (next === undefined) break;
      if (output.outgrown && next.t === 'file') {
        for (const [, entries] of this.keptBetween(done, done + 1)) for (const entry of entries) collector.keep(entry);
        const file = new FileUnit(this.context, next);
        do file.startNext();
        while (!(await file.takeNext()));
        done += 1;
        if (done === this.items.length) {
          collector.addGroup(emptyOutput, this.keptBetween(done, done + 1));
          break;
        }
      } else if (output.taken === 0) throw new LarderError('INTERNAL', `${next.path} does not fit a frame.`);
      output = await this.start(this.items.slice(done));
    }
    this.forget();
    collector.progress('reading', 0, this.items.at(-1)?.path);
    // A backup of which little is new is taken without waiting for anything; others want their turn.
    if (this.items.length === 0) await new Promise((resolve) => setImmediate(resolve));
    return true;
  }

  /** What is kept before the items from `from` to below `to`, with those numbered from 0. */
  private keptBetween(from: number, to: number): KeptBefore[] {
    return this.kept.flatMap(([before, entries]): KeptBefore[] =>
      before >= from && before < to ? [[before - from, entries]] : [],
    );
  }

  /** Links whose first name was left out here are free to be stored under their next name. */
  private forget(): void {
    const { linked } = this.context.collector;
    for (const key of this.keys()) {
      const content = linked.get(key);
      if (content !== undefined && 'pending' in content && content.pending === this) linked.delete(key);
    }
  }
}

const emptyOutput: GroupOutput = {
  frame: undefined,
  lines: '',
  ends: [],
  taken: 0,
  outgrown: false,
  files: 0,
  dirs: 0,
  symlinks: 0,
  bytes: 0,
  reused: 0,
  skipped: [],
  linked: [],
};
