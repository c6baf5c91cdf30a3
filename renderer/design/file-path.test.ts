import { describe, expect, it } from 'vitest';
import { joinFile, splitFile } from './file-path.ts';

describe('a file as folder and name', () => {
  it.each([
    ['/a/b.tar', { folder: '/a', name: 'b.tar' }],
    ['/b.tar', { folder: '/', name: 'b.tar' }],
    ['/a/', { folder: '/a', name: '' }],
    ['C:\\a\\b.tar', { folder: 'C:\\a', name: 'b.tar' }],
    ['C:\\b.tar', { folder: 'C:\\', name: 'b.tar' }],
    ['\\\\host\\share\\b.tar', { folder: '\\\\host\\share', name: 'b.tar' }],
    ['b.tar', { folder: '', name: 'b.tar' }],
    ['', { folder: '', name: '' }],
  ])('%j', (path, parts) => {
    expect(splitFile(path)).toEqual(parts);
    expect(joinFile(parts.folder, parts.name)).toBe(path);
  });
});
