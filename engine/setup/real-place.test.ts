import { expect, it } from 'vitest';
import { relativeIn } from './real-place.ts';

it.each([
  ['/data', '/data', ''],
  ['/data', '/data/a/b', 'a/b'],
  ['/data', '/database', undefined],
  ['/', '/a', 'a'],
  ['/da\\ta', '/da/ta/x', undefined],
  ['C:\\data', 'C:\\data/logs', 'logs'],
  ['C:\\data', 'C:\\data\\logs\\x', 'logs/x'],
  ['C:\\data', 'C:\\data2', undefined],
  ['\\\\server\\share', '\\\\server\\share\\a', 'a'],
])('%j and %j: %j', (root, path, relative) => expect(relativeIn(root, path)).toBe(relative));
