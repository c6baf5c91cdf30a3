import { buildIfNeeded } from './build.ts';
import { ensureChromium } from './chromium.ts';
import { describeTotals, endToEndTests } from './steps.ts';

/** `npm run e2e -- [Playwright's arguments]`: the end-to-end tests alone. */
const chromium = await ensureChromium();
if (chromium === undefined) process.exitCode = 1;
else {
  await buildIfNeeded();
  const totals = await endToEndTests(chromium, process.argv.slice(2));
  console.log(describeTotals(totals));
  process.exitCode = totals.failed > 0 ? 1 : 0;
}
