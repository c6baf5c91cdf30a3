import { describe, expect, it } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import { temporaryFolder } from '../testing/index.ts';
import { roleOfContents } from './contents.ts';
import { guessRoles } from './guess.ts';
import { lookInto } from './look.ts';
import { makeTree } from './test-folders.ts';

describe('what a folder holds', () => {
  it.each([
    [['model.safetensors', 'config.json', 'tokenizer.json'], 'model'],
    [['a.gguf'], 'model'],
    [['nvda.h5', 'nvda.json'], 'model'],
    [['a.pkl', 'b.pkl', 'c.joblib'], 'model'],
    [['index.faiss', 'index.pkl'], 'vector'],
    [['wardrobe_faiss.index'], 'vector'],
    [['chroma.sqlite3', 'data_level0.bin', 'header.bin'], 'vector'],
    [['train.parquet', 'test.parquet', 'README.md'], 'dataset'],
    [['NVDA.csv'], 'dataset'],
    [['1.jpg', '2.jpg', '3.JPG'], 'dataset'],
    [['app.log', 'app.log.1', 'app.log.2.gz'], 'log'],
    [['PG_VERSION', 'postgresql.conf'], 'database'],
    [['app.sqlite3'], 'database'],
    [['events.out.tfevents.123.host'], 'metrics'],
    [['data-20260101.tar.gz', 'data-20260102.tar.gz'], 'backup'],
    [['persistent.env', 'api.toml'], 'config'],
    [['index.html', 'main.js', 'main.css'], 'frontend'],
  ])('%j is %s', (names, role) => {
    expect(roleOfContents(names)).toMatchObject({ role });
  });

  it.each([[[]], [['README.md', 'LICENSE']], [['a.csv', 'b.gguf']], [['one.json']], [['x.png']]])(
    '%j is not told',
    (names) => {
      expect(roleOfContents(names)).toBeUndefined();
    },
  );

  it('says what it goes by', () => {
    expect(roleOfContents(['a\n.gguf'])?.why).toBe('it holds a\\n.gguf');
    expect(roleOfContents(['a.csv', 'b.csv'])?.why).toBe('it holds 2 files such as a.csv');
  });
});

describe('a look at a folder', () => {
  it('tells by name what is meant, by contents what the name does not tell', () => {
    const folder = temporaryFolder();
    try {
      makeTree(folder.path, [
        ...['ml_cache/x.pt', 'logs/a.log', 'data/llm/model.gguf', 'stuff/deep/er/train.parquet', 'empty/', 'file.txt'],
        ...['tables/docs.lance/data/1', 'mine/notes.xyz'],
      ]);
      const guesses = guessRoles(lookInto(nodeFs, folder.path, () => undefined));
      expect(Object.fromEntries(guesses.map(({ path, role, why }) => [path, [role, why]]))).toEqual({
        data: ['model', 'it holds model.gguf'],
        empty: ['other', 'its name does not tell'],
        logs: ['log', 'its name says so, and it holds a.log'],
        mine: ['other', 'its name does not tell'],
        ml_cache: ['cache', 'its name says so'],
        stuff: ['dataset', 'it holds train.parquet'],
        tables: ['vector', 'it holds docs.lance'],
      });
    } finally {
      folder.remove();
    }
  });

  it('is bounded, and the same each time', () => {
    let reads = 0;
    const endless = {
      ...nodeFs,
      readDirectory() {
        reads += 1;
        return Array.from({ length: 2_000 }, (_, index) => ({
          name: `${index}`,
          kind: index < 1_000 ? ('dir' as const) : ('file' as const),
        }));
      },
    };
    const once = lookInto(endless, '/r', () => undefined);
    expect(reads).toBeLessThanOrEqual(300);
    expect(once.seen.length).toBeLessThanOrEqual(300 * 600);
    expect(lookInto(endless, '/r', () => undefined)).toEqual(once);
  });

  it('passes over what cannot be read, and ends when it is not wanted any more', () => {
    const folder = temporaryFolder();
    try {
      makeTree(folder.path, ['a/x', 'b/y']);
      const closed = {
        ...nodeFs,
        readDirectory(path: string) {
          if (path.endsWith('/a')) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
          return nodeFs.readDirectory(path);
        },
      };
      expect(lookInto(closed, folder.path, () => undefined).seen.map(({ path }) => path)).toEqual(['a', 'b', 'b/y']);
      expect(() =>
        lookInto(nodeFs, folder.path, () => {
          throw new Error('cancelled');
        }),
      ).toThrow('cancelled');
    } finally {
      folder.remove();
    }
  });
});
