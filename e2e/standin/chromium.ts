import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { findChromium } from '../../scripts/chromium.ts';

/** Chromium without a display. Its own sandbox refuses root, and only there is it off: this is a test of a page we wrote. */
export function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('No Chromium was found. Name one in LARDER_CHROMIUM.');
  return chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 });
}
