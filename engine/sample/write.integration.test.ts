import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LarderError } from '../../shared/contract/index.ts';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { dayMs } from './days.ts';
import { writeSample } from './write.ts';
import type { WrittenSample } from './write.ts';

const now = Date.UTC(2026, 10, 20, 11, 30, 17, 250);

function temporary(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'larder-sample-')));
}

/** Every path below, folders with a slash at the end. */
function paths(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1) + (entry.isDirectory() ? '/' : ''))
    .sort();
}

function digest(root: string): string {
  const hash = createHash('sha256');
  for (const path of paths(root)) {
    const full = join(root, path);
    hash.update(`${path} ${statSync(full).mtimeMs}\n`);
    if (!path.endsWith('/')) hash.update(readFileSync(full));
  }
  return hash.digest('hex');
}

function failure(work: () => unknown): LarderError {
  try {
    work();
  } catch (error) {
    if (error instanceof LarderError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a written sample', () => {
  let folder: string;
  let root: string;
  let written: WrittenSample;
  const progress: number[] = [];

  beforeAll(() => {
    folder = temporary();
    root = join(folder, 'deep', 'persistent_data');
    written = writeSample(nodeFs, root, { now, seed: 1, onProgress: ({ filesDone }) => progress.push(filesDone) });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('counts what it wrote: some hundred files, about 60 MB', () => {
    const files = paths(root).filter((path) => !path.endsWith('/'));
    expect(written).toMatchObject({ root, files: files.length, warnings: [] });
    expect(written.bytes).toBe(files.reduce((sum, path) => sum + statSync(join(root, path)).size, 0));
    expect(files.length).toBeGreaterThan(300);
    expect(written.bytes).toBeGreaterThan(55_000_000);
    expect(written.bytes).toBeLessThan(65_000_000);
    expect(progress).toEqual(files.map((_, index) => index));
  });

  it('has every area of the layout', () => {
    const all = new Set(paths(root));
    for (const area of [
      ...['ml_models/', 'ml_cache/predictions_cache/', 'ml_cache/model_cache/', 'scalers/feature_scalers/', 'backups/'],
      ...['NVDA/', 'TSLA/', 'AAPL/'].map((symbol) => `stock_data/historical/${symbol}`),
      ...['cache/daily_cache/', 'cache/intraday_cache/', 'predictions/daily/', 'predictions/analysis/'].map(
        (path) => `stock_data/${path}`,
      ),
      ...['application', 'prediction', 'api', 'error'].map((name) => `logs/${name}.log`),
      ...['config/persistent.env', 'config/ml_config.json', 'config/api_config.json'],
      ...['monitoring/prometheus/wal/00000000', 'monitoring/grafana/grafana.db', 'vector_store/news_faiss/index.faiss'],
    ]) {
      expect(all).toContain(area);
    }
    expect(readdirSync(join(root, 'backups'))).toEqual([]);
  });

  it('sets every variable of the layout, within the container', () => {
    const lines = readFileSync(join(root, 'config/persistent.env'), 'utf8').split('\n');
    const variables = new Map(
      lines.filter((line) => line.includes('=')).map((line) => line.split('=') as [string, string]),
    );
    for (const name of 'ML_MODEL ML_SCALER ML_CACHE STOCK_DATA_CACHE STOCK_HISTORICAL PREDICTION_CACHE LOG CONFIG BACKUP'.split(
      ' ',
    )) {
      const value = variables.get(`${name}_PATH`) ?? '';
      expect(value).toMatch(/^\/app\/persistent_data\//);
      expect(statSync(join(root, value.slice('/app/persistent_data/'.length))).isDirectory()).toBe(true);
    }
    expect(variables.get('ML_PREDICTION_TTL')).toBe('1h');
    expect(variables.get('STOCK_DATA_TTL')).toBe('30m');
    expect(variables.get('CACHE_CLEANUP_INTERVAL')).toBe('6h');
  });

  it('has a compose file beside it that mounts folders that exist', () => {
    const compose = readFileSync(join(folder, 'deep', 'docker-compose.yml'), 'utf8');
    const mounts = [...compose.matchAll(/- "\.\/([^:"]+):(\/[^"]+)"/g)];
    expect(mounts.map((mount) => mount[2])).toContain('/app/persistent_data');
    for (const mount of mounts) expect(statSync(join(folder, 'deep', mount[1]!)).isDirectory()).toBe(true);
  });

  it('gives folders 755 and files 644, whatever the umask', () => {
    for (const path of paths(root)) {
      expect([path, statSync(join(root, path)).mode & 0o777]).toEqual([path, path.endsWith('/') ? 0o755 : 0o644]);
    }
  });

  it('has times that are not ahead of now: models weeks old, caches hours, logs over weeks', () => {
    const age = (path: string): number => (now - statSync(join(root, path)).mtimeMs) / dayMs;
    for (const path of paths(root)) expect([path, age(path) > -1e-6]).toEqual([path, true]);
    expect(age('ml_models/nvda_lstm_model/model.h5')).toBeGreaterThan(14);
    expect(age('ml_cache/predictions_cache/NVDA_1d.json')).toBeLessThan(0.1);
    const logs = readdirSync(join(root, 'logs')).filter((name) => name.includes('.log'));
    const ages = logs.map((name) => age(`logs/${name}`));
    expect(Math.max(...ages)).toBeGreaterThan(30);
    expect(Math.min(...ages)).toBeLessThan(0.001);
    const caches = readdirSync(join(root, 'ml_cache/predictions_cache'));
    expect(caches.some((name) => age(`ml_cache/predictions_cache/${name}`) > 1)).toBe(true);
  });

  it('dates log lines within the day the file is of', () => {
    const rotated = readFileSync(join(root, 'logs/api.log.2026-11-11'), 'utf8').trimEnd().split('\n');
    expect(rotated.every((line) => /^2026-11-11 \d\d:\d\d:\d\d,\d{3} [A-Z]+ /.test(line))).toBe(true);
    const today = readFileSync(join(root, 'logs/api.log'), 'utf8').trimEnd().split('\n');
    expect([...today].sort()).toEqual(today);
    expect(today.at(-1)! < '2026-11-20 11:30:18').toBe(true);
  });

  it('has databases that SQLite finds whole, and only segments that Chroma knows as folders', () => {
    for (const path of paths(root).filter((name) => /\.(db|sqlite3)$/.test(name))) {
      const database = new DatabaseSync(join(root, path), { readOnly: true });
      expect(database.prepare('PRAGMA quick_check').all()).toEqual([{ quick_check: 'ok' }]);
      const pages = database.prepare('PRAGMA page_count').get()?.['page_count'];
      const page = database.prepare('PRAGMA page_size').get()?.['page_size'];
      expect(statSync(join(root, path)).size).toBe(Number(pages) * Number(page));
      if (path.endsWith('chroma.sqlite3')) {
        const segments = database.prepare("SELECT id FROM segments WHERE scope = 'VECTOR'").all();
        const folders = readdirSync(join(root, 'vector_store/chroma')).filter((name) => /^[0-9a-f-]{36}$/.test(name));
        expect(folders).toHaveLength(1);
        expect(segments.map((segment) => segment['id'])).toEqual(expect.arrayContaining(folders));
        expect(database.prepare('SELECT count(*) AS n FROM embeddings').get()).toEqual({ n: 1240 });
      }
      database.close();
    }
    expect(paths(root).filter((name) => /-(journal|wal|shm)$/.test(name))).toEqual([]);
  });

  it('is the same again for the same seed and time, and another for another seed', () => {
    const again = join(folder, 'again', 'persistent_data');
    writeSample(nodeFs, again, { now, seed: 1 });
    expect(digest(again)).toBe(digest(root));
    const other = join(folder, 'other', 'persistent_data');
    writeSample(nodeFs, other, { now, seed: 2 });
    expect(digest(other)).not.toBe(digest(root));
  });
});

describe('where it may be written', () => {
  let folder: string;
  beforeEach(() => {
    folder = temporary();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const stopAt = (files: number) => ({
    now,
    seed: 1,
    onProgress: ({ filesDone }: { filesDone: number }) => {
      if (filesDone === files) throw new LarderError('CANCELLED', 'Cancelled.');
    },
  });

  it('refuses a folder that is not empty, and leaves it as it was', () => {
    writeFileSync(join(folder, 'mine'), 'kept');
    const error = failure(() => writeSample(nodeFs, folder, { now, seed: 1 }));
    expect(error).toMatchObject({ code: 'INVALID_INPUT', hint: 'Choose a new or empty folder.' });
    expect(error.message).toContain(folder);
    expect(paths(folder)).toEqual(['mine']);
  });

  it('refuses a file, a path below a file, a link to nowhere and a relative path', () => {
    writeFileSync(join(folder, 'file'), '');
    symlinkSync('nowhere', join(folder, 'link'));
    for (const path of [join(folder, 'file'), join(folder, 'file/below'), join(folder, 'link'), 'relative']) {
      expect(failure(() => writeSample(nodeFs, path, { now, seed: 1 })).code).toBe('INVALID_INPUT');
    }
    expect(paths(folder)).toEqual(['file', 'link']);
  });

  it('refuses a disk that is too full', () => {
    const fs: FileSystem = {
      ...nodeFs,
      statfs: (path) => Object.assign(nodeFs.statfs(path), { bavail: 1000, bsize: 4096 }),
    };
    const path = join(folder, 'new');
    expect(failure(() => writeSample(fs, path, { now, seed: 1 }))).toMatchObject({
      code: 'NO_SPACE',
      message: `The sample needs 80 MB, and the disk of ${path} has 4 MB free.`,
    });
    expect(paths(folder)).toEqual([]);
  });

  it('removes exactly what it made when cancelled, folders above included', () => {
    writeFileSync(join(folder, 'mine'), 'kept');
    expect(failure(() => writeSample(nodeFs, join(folder, 'a/b/c'), stopAt(9))).code).toBe('CANCELLED');
    expect(paths(folder)).toEqual(['mine']);
  });

  it('keeps the empty folder it was given when cancelled', () => {
    mkdirSync(join(folder, 'given'));
    expect(failure(() => writeSample(nodeFs, join(folder, 'given'), stopAt(3))).code).toBe('CANCELLED');
    expect(paths(folder)).toEqual(['given/']);
  });

  it('removes what it made when the disk fills up half-way, naming the file', () => {
    let writes = 0;
    const fs: FileSystem = {
      ...nodeFs,
      write(fd, data, position) {
        writes += 1;
        const full = writes === 5;
        nodeFs.write(fd, full ? data.subarray(0, 10) : data, position);
        if (full) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      },
    };
    const error = failure(() => writeSample(fs, join(folder, 'new'), { now, seed: 1 }));
    expect(error.code).toBe('NO_SPACE');
    expect(error.message).toContain(join(folder, 'new', 'ml_models'));
    expect(paths(folder)).toEqual([]);
  });

  it('leaves what others put there meanwhile, and says so', () => {
    const path = join(folder, 'new');
    const error = failure(() =>
      writeSample(nodeFs, path, {
        now,
        seed: 1,
        onProgress({ filesDone }) {
          if (filesDone === 2) writeFileSync(join(path, 'ml_models', 'theirs'), 'kept');
          if (filesDone === 3) throw new LarderError('CANCELLED', 'Cancelled.');
        },
      }),
    );
    expect(error.code).toBe('CANCELLED');
    expect(error.hint).toContain(join(path, 'ml_models'));
    expect(paths(folder)).toEqual(['new/', 'new/ml_models/', 'new/ml_models/theirs']);
  });

  it('never writes over a file that appears in its way', () => {
    const path = join(folder, 'new');
    const target = join(path, 'ml_models/nvda_lstm_model/training_history.npz');
    const error = failure(() =>
      writeSample(nodeFs, path, {
        now,
        seed: 1,
        onProgress: ({ filesDone }) => {
          if (filesDone === 0) writeFileSync(target, 'theirs');
        },
      }),
    );
    expect(error.code).toBe('CHANGED_ON_DISK');
    expect(readFileSync(target, 'utf8')).toBe('theirs');
  });

  it('keeps a compose file that is there, and says so', () => {
    writeFileSync(join(folder, 'docker-compose.yml'), 'services: {}\n');
    const { warnings } = writeSample(nodeFs, join(folder, 'new'), { now, seed: 1 });
    expect(warnings).toEqual([
      {
        path: join(folder, 'docker-compose.yml'),
        reason: "It is there already, so the sample's own was not written.",
      },
    ]);
    expect(readFileSync(join(folder, 'docker-compose.yml'), 'utf8')).toBe('services: {}\n');
  });
});
