import { expect, it } from 'vitest';
import packageFile from '../package.json' with { type: 'json' };
import { nodeTooOld, oldestNode } from './node-version.ts';

it.each(['24.0.0', '24.21.0', '100.1.0', '25.0.0-nightly'])('runs on Node %s', (version) => {
  expect(nodeTooOld(version)).toBeUndefined();
});

it.each(['20.20.2', '23.11.0', '9.0.0'])('says that Node %s is too old', (version) => {
  expect(nodeTooOld(version)).toEqual({
    message: `Larder needs Node 24 or newer; this is ${version}.`,
    hint: 'In a checkout, run it with npm: npm run -s larder -- …',
  });
});

it('asks for what the package asks for', () => {
  expect(packageFile.engines.node).toBe(`>=${oldestNode}`);
});
