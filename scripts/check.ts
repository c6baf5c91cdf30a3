import { add, describeTotals, staticChecks, unitTests } from './steps.ts';

/** `npm run check`: types, lint, format, dependency rule and unit tests; what to run before each commit. */
const totals = add(await staticChecks(true), await unitTests(true));
console.log(`\n${describeTotals(totals)}`);
process.exitCode = totals.failed > 0 ? 1 : 0;
