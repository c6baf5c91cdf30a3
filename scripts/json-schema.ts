import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { larderYamlJsonSchema } from '../engine/layouts/index.ts';
import { root } from './root.ts';

/** Writes the published JSON Schema of `larder.yaml`; a test proves that it is current. */
writeFileSync(join(root, 'docs/larder-yaml.schema.json'), larderYamlJsonSchema());
