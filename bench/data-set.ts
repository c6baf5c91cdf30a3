import { createCipheriv } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The data sets, the same bytes on every machine, kept between runs. */

const version = 1;

export function benchFolder(): string {
  const folder = join(process.env['LARDER_BENCH_DIR'] ?? tmpdir(), 'larder-bench');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Deterministic bytes, fast: the key stream of AES-128-CTR under a seed. */
class RandomBytes {
  private readonly cipher;

  constructor(seed: number) {
    const key = Buffer.alloc(16);
    key.writeUInt32LE(seed, 0);
    this.cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  }

  take(length: number): Buffer {
    return this.cipher.update(Buffer.alloc(length));
  }
}

const MB = 1_000_000;

/** High bytes of 16-bit weights around zero: a sign, and few exponents, each half as frequent as the one before. */
function exponentTable(): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, value) => {
    const sign = value & 0x80;
    const rank = Math.min(6, Math.clz32(((value & 0x3f) << 26) | 1));
    return sign | (0x3c - rank) | ((value & 0x40) >> 6 === 1 ? 0 : 0x01);
  });
}

function writeWeights(path: string, bytes: number, random: RandomBytes): void {
  const table = exponentTable();
  const data = random.take(bytes);
  for (let index = 1; index < data.length; index += 2) data[index] = table[data[index] ?? 0] ?? 0;
  writeFileSync(path, data);
}

function csv(random: RandomBytes): string {
  const values = random.take(8_000 * 4);
  const lines = ['timestamp,open,close,volume'];
  for (let row = 0; row < 8_000; row++) {
    const at = row * 4;
    const open = 100 + values.readUInt16LE(at) / 1_000;
    const close = open + ((values[at + 2] ?? 0) - 128) / 100;
    lines.push(
      `2025-0${1 + (row % 9)}-1${row % 10}T0${row % 10}:00:00Z,${open.toFixed(2)},${close.toFixed(2)},${values[at + 3] ?? 0}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function json(index: number, random: RandomBytes): string {
  const values = [...random.take(40)].map((value) => value / 256);
  return `${JSON.stringify({ id: index, symbol: `SYM${index % 500}`, model: 'lstm-v2', horizon: index % 30, values }, null, 1)}\n`;
}

function log(index: number, random: RandomBytes): string {
  const lines: string[] = [];
  let length = 0;
  for (let row = 0; length < 3 * MB; row++) {
    const value = random.take(4).readUInt32LE(0);
    const line = `2025-07-${String(1 + (row % 28)).padStart(2, '0')} 12:${String(row % 60).padStart(2, '0')}:01,${value % 1_000} INFO worker-${index} request ${value.toString(16)} served in ${value % 97} ms`;
    lines.push(line);
    length += line.length + 1;
  }
  return lines.join('\n');
}

/** *store*: at scale 1 about 1.5 GB in 40,000 files, like the store of a service that predicts. */
function buildStore(root: string, scale: number): void {
  const folder = (name: string): string => {
    const path = join(root, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const models = folder('models');
  // A tenth of the store has a tenth of the bytes in one file.
  const parts = Math.max(1, 8 * scale);
  for (let n = 0; n < parts; n++) {
    const bytes = Math.round((1_000 * scale * MB) / parts);
    writeWeights(join(models, `weights-${n}.bin`), bytes, new RandomBytes(1_000 + n));
  }
  const vectors = folder('vectors');
  const indexes = Math.max(1, 4 * scale);
  for (let n = 0; n < indexes; n++) {
    writeFileSync(
      join(vectors, `index-${n}.bin`),
      new RandomBytes(2_000 + n).take(Math.round((200 * scale * MB) / indexes)),
    );
  }
  const datasets = folder('datasets');
  for (let n = 0; n < 300 * scale; n++)
    writeFileSync(join(datasets, `history-${n}.csv`), csv(new RandomBytes(3_000 + n)));
  const random = new RandomBytes(4_000);
  for (let n = 0; n < 40_000 * scale; n++) {
    const into =
      n % 200 === 0 ? folder(join('cache', String(n / 200))) : join(root, 'cache', String(Math.floor(n / 200)));
    writeFileSync(join(into, `prediction-${n}.json`), json(n, random));
  }
  const logs = folder('logs');
  for (let n = 0; n < 20 * scale; n++)
    writeFileSync(join(logs, `service-${n}.log`), log(n, new RandomBytes(5_000 + n)));
}

/** *pages*: one file of 1 GiB like a database of 4 KiB pages, each half text and half noise. */
function buildPages(root: string): void {
  const random = new RandomBytes(6_000);
  const fd = openSync(join(root, 'pages.db'), 'w');
  for (let page = 0; page < 262_144; page++) {
    const row = `row ${page * 37} of the table of predictions, `;
    writeSync(fd, Buffer.concat([Buffer.from(row.repeat(50)).subarray(0, 2048), random.take(2048)]));
  }
  closeSync(fd);
}

/** *tree*: many small files, 150 a folder and 40 folders in each one above: 300,000 files make 2,051 folders. */
function buildTree(root: string, files: number): void {
  for (let n = 0; n < files; n++) {
    const part = Math.floor(n / 150);
    const folder = join(root, `area-${Math.floor(part / 40)}`, `part-${part % 40}`);
    if (n % 150 === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `item-${n % 150}.txt`), `item ${n % 150}\n`);
  }
}

/** *tree-wide*: a million files of which most lie in two folders, so that opening a few shows a million rows. */
function buildWideTree(root: string): void {
  const fill = (name: string, files: number): void => {
    const folder = join(root, name);
    mkdirSync(folder);
    for (let n = 0; n < files; n++) {
      const file = join(
        folder,
        `${n % 7 === 0 ? 'embedding-cache' : 'prediction'}-${n}.${n % 5 === 0 ? 'npy' : 'json'}`,
      );
      writeFileSync(file, n % 3 === 0 ? 'x'.repeat(n % 9_000) : '');
    }
  };
  fill('predictions', 500_000);
  fill('embeddings', 300_000);
  for (let n = 0; n < 200; n++) fill(`run-${n}`, 1_000);
}

const builders = {
  store: (root: string) => buildStore(root, 1),
  'store-0.1': (root: string) => buildStore(root, 0.1),
  'store-4': (root: string) => buildStore(root, 4),
  pages: buildPages,
  tree: (root: string) => buildTree(root, 300_000),
  'tree-10000': (root: string) => buildTree(root, 10_000),
  'tree-1000000': (root: string) => buildTree(root, 1_000_000),
  'tree-wide': buildWideTree,
} as const;
export type DataSet = keyof typeof builders;

/** The data set of as many small files as a row that is measured at several sizes asks for. */
export const treeOfSize: ReadonlyMap<number, DataSet> = new Map([
  [10_000, 'tree-10000'],
  [300_000, 'tree'],
  [1_000_000, 'tree-1000000'],
]);

/** The store at the scales that rows about backups can be measured at. */
export const storeOfScale: ReadonlyMap<number, DataSet> = new Map([
  [0.1, 'store-0.1'],
  [1, 'store'],
  [4, 'store-4'],
]);

/** Folder of a data set, built first when it is not there. */
export function dataSet(name: DataSet, say: (line: string) => void): string {
  const root = join(benchFolder(), `${name}-v${version}`);
  const mark = `${root}.complete`;
  if (existsSync(mark)) return root;
  say(`Building the data set ${name} in ${root}`);
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  builders[name](root);
  writeFileSync(mark, '');
  return root;
}
