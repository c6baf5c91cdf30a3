import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFs } from '../engine/fs/index.ts';
import {
  defaultWindowState,
  minimumSize,
  placeWindow,
  readWindowState,
  windowStatePath,
  writeWindowState,
} from './window-state.ts';

describe('remembered window state', () => {
  let home = '';
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'larder-window-'));
  });
  afterEach(() => {
    chmodSync(home, 0o700);
    rmSync(home, { recursive: true });
  });

  it('comes back as it was written, and only the owner can read it', () => {
    const state = { bounds: { x: -10, y: 20, width: 1200, height: 800 }, maximized: true, theme: 'dark' as const };
    writeWindowState(nodeFs, home, state);
    expect(readWindowState(nodeFs, home, expect.unreachable)).toEqual(state);
    expect(statSync(windowStatePath(home)).mode & 0o777).toBe(0o600);
    expect(readdirSync(home)).toEqual(['window.json']);
  });

  it('is the default where nothing is remembered, without a word', () => {
    expect(readWindowState(nodeFs, home, expect.unreachable)).toEqual(defaultWindowState);
  });

  it.each([
    ['an empty file', ''],
    ['half a file', '{"maximized":tr'],
    ['another shape', '{"maximized":"yes","theme":"dark"}'],
    ['an unknown key', '{"maximized":true,"theme":"dark","extra":1}'],
    ['numbers that are none', '{"maximized":true,"theme":"dark","bounds":{"x":1e999,"y":0,"width":1,"height":1}}'],
    ['no size', '{"maximized":true,"theme":"dark","bounds":{"x":0,"y":0,"width":0,"height":-4}}'],
    ['an unknown theme', '{"maximized":true,"theme":"pink"}'],
  ])('is the default, and said, when the file is damaged: %s', (_what, text) => {
    writeFileSync(windowStatePath(home), text);
    const reasons: string[] = [];
    expect(readWindowState(nodeFs, home, (reason) => reasons.push(reason))).toEqual(defaultWindowState);
    expect(reasons).toHaveLength(1);
  });

  it('stays as it was when writing fails', () => {
    writeWindowState(nodeFs, home, defaultWindowState);
    const full = {
      ...nodeFs,
      write() {
        throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      },
    };
    expect(() => writeWindowState(full, home, { maximized: true, theme: 'dark' })).toThrow('ENOSPC');
    expect(readWindowState(nodeFs, home, expect.unreachable)).toEqual(defaultWindowState);
    expect(readdirSync(home)).toEqual(['window.json']);
  });
});

describe('placeWindow', () => {
  const primary = { x: 0, y: 0, width: 1920, height: 1040 };
  const left = { x: -1280, y: 0, width: 1280, height: 1024 };

  it('opens where it was', () => {
    const bounds = { x: 100, y: 50, width: 1300, height: 900 };
    expect(placeWindow(bounds, [primary])).toEqual(bounds);
    expect(placeWindow({ ...bounds, x: -1200 }, [primary, left])).toEqual({ ...bounds, x: -1200, width: 1280 });
  });

  it.each([
    ['a display that is gone', { x: -1200, y: 0, width: 1200, height: 800 }],
    ['above every display', { x: 0, y: -200, width: 1200, height: 800 }],
    ['below every display', { x: 0, y: 1030, width: 1200, height: 800 }],
    ['so far right that nothing can be grasped', { x: 1900, y: 0, width: 1200, height: 800 }],
  ])('opens at the system’s choice when it was on %s', (_what, bounds) => {
    expect(placeWindow(bounds, [primary])).toEqual({ width: 1280, height: 860 });
  });

  it('is never larger than its display', () => {
    expect(placeWindow({ x: 0, y: 0, width: 9_000, height: 9_000 }, [primary])).toEqual({ ...primary });
  });

  it('opens at the default with nothing remembered, also without any display', () => {
    expect(placeWindow(undefined, [primary])).toEqual({ width: 1280, height: 860 });
    expect(placeWindow(undefined, [])).toEqual({ width: 1280, height: 860 });
    expect(placeWindow({ x: 0, y: 0, width: 1280, height: 860 }, [])).toEqual({ width: 1280, height: 860 });
  });

  it('always leaves the title bar within reach, and never goes below the smallest size', () => {
    const integer = fc.integer({ min: -5_000, max: 5_000 });
    const size = fc.integer({ min: 1, max: 6_000 });
    const area = fc.record({
      x: integer,
      y: integer,
      width: fc.integer({ min: 640, max: 4_000 }),
      height: fc.integer({ min: 480, max: 3_000 }),
    });
    fc.assert(
      fc.property(
        fc.record({ x: integer, y: integer, width: size, height: size }),
        fc.array(area, { maxLength: 3 }),
        (bounds, areas) => {
          const placed = placeWindow(bounds, areas);
          expect(placed.width).toBeGreaterThanOrEqual(minimumSize.width);
          expect(placed.height).toBeGreaterThanOrEqual(minimumSize.height);
          const { x, y } = placed;
          if (x === undefined || y === undefined) return;
          const reachable = areas.some(
            (display) =>
              y >= display.y &&
              y < display.y + display.height &&
              Math.min(x + placed.width, display.x + display.width) - Math.max(x, display.x) >= 100,
          );
          expect(reachable).toBe(true);
        },
      ),
    );
  });
});
