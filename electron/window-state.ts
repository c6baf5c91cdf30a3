import { join } from 'node:path';
import { z } from 'zod';
import { isSystemError, writeFileDurable } from '../engine/fs/index.ts';
import type { FileSystem } from '../engine/fs/index.ts';
import { settingsSchema } from '../shared/contract/index.ts';

/** In device-independent pixels. */
export interface Bounds {
  x: number;
  y: number;
  width: number;
  height: number;
}

const boundsSchema = z.strictObject({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
});

const stateSchema = z.strictObject({
  bounds: boundsSchema.optional(),
  maximized: z.boolean(),
  /** The theme last chosen in the settings, known here before the engine is, so that nothing flashes at start. */
  theme: settingsSchema.shape.theme,
});
export type WindowState = z.infer<typeof stateSchema>;

export const defaultWindowState: WindowState = { maximized: false, theme: 'system' };
export const minimumSize = { width: 1024, height: 640 } as const;
const defaultSize = { width: 1280, height: 860 } as const;

/** Where the state of the window is remembered. */
export function windowStatePath(home: string): string {
  return join(home, 'window.json');
}

/** What was remembered; the defaults where nothing was, or where it cannot be read (then `onDamage` hears why). */
export function readWindowState(fs: FileSystem, home: string, onDamage: (reason: string) => void): WindowState {
  try {
    return stateSchema.parse(JSON.parse(fs.readFile(windowStatePath(home)).toString('utf8')));
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) onDamage(error instanceof Error ? error.message : String(error));
    return defaultWindowState;
  }
}

/** Remembers the state so that a crash leaves the old or the new. Throws the file system's errors. */
export function writeWindowState(fs: FileSystem, home: string, state: WindowState): void {
  writeFileDurable(fs, windowStatePath(home), Buffer.from(`${JSON.stringify(state, undefined, 2)}\n`));
}

/** How much of the title bar has to be on a screen, so that the window can be dragged back. */
const grip = { width: 120, height: 32 } as const;

/**
 * Where to open the window: the remembered bounds, made no larger than their display, if the title bar is still within
 * reach on one of the displays (`workAreas`); otherwise the default size, placed by the system.
 */
export function placeWindow(
  remembered: Bounds | undefined,
  workAreas: readonly Bounds[],
): { width: number; height: number; x?: number; y?: number } {
  for (const area of workAreas) {
    if (remembered === undefined) break;
    const width = Math.min(Math.max(remembered.width, minimumSize.width), Math.max(area.width, minimumSize.width));
    const height = Math.min(Math.max(remembered.height, minimumSize.height), Math.max(area.height, minimumSize.height));
    const { x, y } = remembered;
    const seen = Math.min(x + width, area.x + area.width) - Math.max(x, area.x);
    const titleBarInside = y >= area.y && y + grip.height <= area.y + area.height;
    if (seen >= grip.width && titleBarInside) return { x, y, width, height };
  }
  const largest = workAreas[0];
  return {
    width: Math.max(minimumSize.width, Math.min(defaultSize.width, largest?.width ?? defaultSize.width)),
    height: Math.max(minimumSize.height, Math.min(defaultSize.height, largest?.height ?? defaultSize.height)),
  };
}
