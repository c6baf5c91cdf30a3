export { allocatedByRole, roleParts } from './by-role.ts';
