import { buildIfNeeded } from './build.ts';
import { ensureChromium } from './chromium.ts';
import { add, describeTotals, endToEndTests, none, staticChecks, unitTests } from './steps.ts';
import type { Totals } from './steps.ts';

/** `npm test`: everything CI runs. The last line states the totals of all suites. */
const suites: { name: string; totals: Totals }[] = [];
const chromium = await ensureChromium();
await buildIfNeeded();

console.log('\nTypes, lint, format, dependency rule');
suites.push({ name: 'static checks', totals: await staticChecks() });
console.log('\nUnit, property and engine tests');
suites.push({ name: 'unit and engine', totals: await unitTests() });
console.log('\nThe built app, as desktop and headless shell');
suites.push({
  name: 'end to end',
  totals: chromium === undefined ? { ...none, failed: 1 } : await endToEndTests(chromium),
});

const totals = suites.map((suite) => suite.totals).reduce(add);
console.log('');
for (const suite of suites) console.log(`${suite.name}: ${describeTotals(suite.totals)}`);
console.log(totals.failed === 0 ? 'Everything holds.' : 'Something failed; see above.');
console.log(describeTotals(totals));
process.exitCode = totals.failed > 0 ? 1 : 0;
