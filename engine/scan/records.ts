import type { Columns } from './columns.ts';
import { header } from './record.ts';

const tailBytes = 256 * 1024;

/** The packed records of a store's directories, by row: whole chunks as a scan hands them over, and a tail that changed ones are added to. */
export class Records {
  readonly #columns: Columns;
  readonly #chunks: Buffer[] = [];
  #liveBytes = 0;
  #heldBytes = 0;
  /** Bytes used of the last chunk, which takes changed records. */
  #tailUsed = tailBytes;

  constructor(columns: Columns) {
    this.#columns = columns;
  }

  /** Bytes of memory held. */
  get memory(): number {
    return this.#heldBytes;
  }

  of(row: number): { buffer: Buffer; at: number } {
    const buffer = this.#chunks[this.#columns.chunk[row] ?? -1];
    if (buffer === undefined) throw new RangeError(`No directory has the id ${row}.`);
    return { buffer, at: this.#columns.offset[row] ?? 0 };
  }

  /** Looks records up as they are now, by columns as they are now. */
  frozen({ chunk, offset }: Pick<Columns, 'chunk' | 'offset'>): (row: number) => { buffer: Buffer; at: number } {
    const chunks = [...this.#chunks];
    return (row) => {
      const buffer = chunks[chunk[row] ?? -1];
      if (buffer === undefined) throw new RangeError(`No directory has the id ${row}.`);
      return { buffer, at: offset[row] ?? 0 };
    };
  }

  /** Takes a chunk of records over; they belong to no row yet. Returns its number. */
  addChunk(chunk: Buffer): number {
    this.#heldBytes += chunk.length;
    this.#tailUsed = chunk.length;
    return this.#chunks.push(chunk) - 1;
  }

  chunk(index: number): Buffer | undefined {
    return this.#chunks[index];
  }

  /** The record at `at` of a chunk is that of `row`. */
  assign(row: number, chunk: number, at: number): void {
    this.#columns.chunk[row] = chunk;
    this.#columns.offset[row] = at;
    const { buffer } = this.of(row);
    this.#liveBytes += header.length(buffer, at);
  }

  /** The record of a row is no longer needed; the row's columns are left to the caller. */
  drop(row: number): void {
    const { buffer, at } = this.of(row);
    this.#liveBytes -= header.length(buffer, at);
  }

  /** Copies a record in as that of `row`. Records are never written to where they lie: a snapshot may hold them. */
  replace(row: number, rows: number, record: Buffer): void {
    this.drop(row);
    this.#liveBytes += record.length;
    this.#columns.chunk[row] = -1;
    if (this.#heldBytes > this.#liveBytes * 2 + 8 * tailBytes) this.#compact(rows);
    this.#append(row, record);
  }

  #append(row: number, record: Buffer): void {
    let tail = this.#chunks.at(-1);
    if (tail === undefined || this.#tailUsed + record.length > tail.length) {
      tail = Buffer.allocUnsafeSlow(Math.max(tailBytes, record.length));
      this.#chunks.push(tail);
      this.#heldBytes += tail.length;
      this.#tailUsed = 0;
    }
    record.copy(tail, this.#tailUsed);
    this.#columns.chunk[row] = this.#chunks.length - 1;
    this.#columns.offset[row] = this.#tailUsed;
    this.#tailUsed += record.length;
  }

  /** Moves the living records together once replaced ones take more than half of the memory. */
  #compact(rows: number): void {
    const old = this.#chunks.splice(0);
    this.#heldBytes = 0;
    this.#tailUsed = 0;
    const { chunk, offset } = this.#columns;
    for (let row = 0; row < rows; row++) {
      const buffer = old[chunk[row] ?? -1];
      const at = offset[row] ?? 0;
      if (buffer !== undefined) this.#append(row, buffer.subarray(at, at + header.length(buffer, at)));
    }
  }
}
