import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { larderYamlJsonSchema } from './schema.ts';

const published = new URL('../../docs/larder-yaml.schema.json', import.meta.url);

it('the published JSON Schema is current (npm run schema)', () => {
  expect(readFileSync(published, 'utf8')).toBe(larderYamlJsonSchema());
});

it('tells editors what a name stands for, and refuses unknown ones', () => {
  const schema = JSON.parse(larderYamlJsonSchema()) as {
    $schema: string;
    additionalProperties: unknown;
    properties: { areas: { additionalProperties: { additionalProperties: unknown; properties: object } } };
  };
  expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
  expect(schema.additionalProperties).toBe(false);
  const area = schema.properties.areas.additionalProperties;
  expect(area.additionalProperties).toBe(false);
  expect(area.properties).toMatchObject({ role: { description: 'What the folder is for' } });
});
