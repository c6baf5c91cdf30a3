import { z } from 'zod';
import { larderYamlSchema } from '../../shared/contract/index.ts';

/** The JSON Schema of `larder.yaml` for editors: draft 7, which editors of YAML know. */
export function larderYamlJsonSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(larderYamlSchema, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ $schema, title: 'Areas and rules of a Larder store', ...schema }, undefined, 2)}\n`;
}
