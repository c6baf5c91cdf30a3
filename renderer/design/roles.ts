import { roles, type Role } from '../../shared/contract/index.ts';

/** What the interface calls a role. */
export const roleNames: Readonly<Record<Role, string>> = {
  model: 'Models',
  vector: 'Vector stores',
  cache: 'Caches',
  scaler: 'Scalers',
  dataset: 'Datasets',
  prediction: 'Predictions',
  log: 'Logs',
  config: 'Configuration',
  backup: 'Backups',
  database: 'Databases',
  metrics: 'Metrics',
  frontend: 'Frontend',
  other: 'Other',
};

/** Bars, legends and charts show roles in this order, so that a colour is always in the same place. */
export const roleOrder: readonly Role[] = [
  'model',
  'vector',
  'cache',
  'dataset',
  'database',
  'prediction',
  'scaler',
  'log',
  'config',
  'metrics',
  'frontend',
  'backup',
  'other',
];

/** The token that holds a role's colour. */
export function roleColor(role: Role): `--role-${Role}` {
  return `--role-${role}`;
}

export function isRole(text: string): text is Role {
  return (roles as readonly string[]).includes(text);
}
