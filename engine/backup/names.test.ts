import { expect, test } from 'vitest';
import { archiveBaseName, archivePrefix, archiveStem, manifestStem, parseArchiveName, stemOf } from './names.ts';

test('a prefix any disk can hold', () => {
  expect(archivePrefix('persistent_data')).toBe('persistent_data');
  expect(archivePrefix('My  models / v2')).toBe('My_models_v2');
  expect(archivePrefix('../..')).toBe('store');
  expect(archivePrefix('.hidden')).toBe('hidden');
  expect(archivePrefix('日本 データ')).toBe('日本_データ');
  expect(archivePrefix('a:b*c?')).toBe('a_b_c');
  expect(Buffer.byteLength(archivePrefix('ü'.repeat(500)))).toBe(80);
});

test('the name carries local time', () => {
  const at = new Date(2025, 7, 1, 12, 0, 5);
  expect(archiveBaseName('stock prediction', at.getTime())).toBe('stock_prediction_backup_20250801_120005');
});

test('stems', () => {
  expect(archiveStem('a.tar.zst')).toBe('a');
  expect(archiveStem('a.tar')).toBe('a');
  expect(archiveStem('a.zip')).toBeUndefined();
  expect(manifestStem('a.manifest.gz')).toBe('a');
  expect(manifestStem('a.manifest')).toBeUndefined();
  for (const name of ['/x/a.tar.gz', 'a.manifest.zst', 'a', 'a.tar']) expect(stemOf(name)).toBe('a');
});

test("Larder's own pattern and its collision number", () => {
  expect(parseArchiveName('s_backup_20250801_120005')).toEqual({ base: 's_backup_20250801_120005', number: 1 });
  expect(parseArchiveName('s_backup_20250801_120005-12')).toEqual({ base: 's_backup_20250801_120005', number: 12 });
  expect(parseArchiveName('aura-data-backup-20250801')).toBeUndefined();
});
