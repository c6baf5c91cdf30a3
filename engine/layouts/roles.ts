import type { Area, Role } from '../../shared/contract/index.ts';
import { comparePaths } from '../../shared/path-text.ts';

/**
 * Roles by the usual names of directories (reference: the layouts of stock-prediction, aura and the well-known stores).
 * A guess from a name, to be shown as one.
 */
const rolesByName: Readonly<Record<string, Role>> = {
  ml_models: 'model',
  models: 'model',
  model: 'model',
  checkpoints: 'model',
  loras: 'model',
  saved_models: 'model',
  weights: 'model',
  hub: 'model',
  vector_store: 'vector',
  vector_stores: 'vector',
  vectors: 'vector',
  vectorstore: 'vector',
  embeddings: 'vector',
  chroma: 'vector',
  qdrant: 'vector',
  lancedb: 'vector',
  milvus: 'vector',
  weaviate: 'vector',
  faiss: 'vector',
  faiss_index: 'vector',
  ml_cache: 'cache',
  cache: 'cache',
  caches: 'cache',
  '.cache': 'cache',
  tmp: 'cache',
  scalers: 'scaler',
  stock_data: 'dataset',
  data: 'dataset',
  datasets: 'dataset',
  dataset: 'dataset',
  historical: 'dataset',
  predictions: 'prediction',
  logs: 'log',
  log: 'log',
  config: 'config',
  configs: 'config',
  backups: 'backup',
  backup: 'backup',
  redis: 'database',
  postgres: 'database',
  postgresql: 'database',
  mongo: 'database',
  mongodb: 'database',
  mysql: 'database',
  db: 'database',
  database: 'database',
  monitoring: 'metrics',
  prometheus: 'metrics',
  grafana: 'metrics',
  metrics: 'metrics',
  mlruns: 'metrics',
  wandb: 'metrics',
  frontend: 'frontend',
};

/** Parts of a name that tell a role when the whole name does not, first match wins. */
const rolesByPart: readonly (readonly [RegExp, Role])[] = [
  [/(^|[_-])backups?($|[_-])/, 'backup'],
  [/(^|[_-])cache($|[_-])/, 'cache'],
  [/(^|[_-])logs?($|[_-])/, 'log'],
  [/(^|[_-])(vector|embedding)s?($|[_-])/, 'vector'],
  [/(^|[_-])models?($|[_-])/, 'model'],
  [/(^|[_-])(dataset|data)s?($|[_-])/, 'dataset'],
  [/(^|[_-])predictions?($|[_-])/, 'prediction'],
  [/(^|[_-])(db|database)($|[_-])/, 'database'],
];

/** The role a directory's name suggests, and why; `other` when it suggests none. */
export function roleOfName(name: string): { role: Role; why: string } {
  const lower = name.toLowerCase();
  const whole = Object.hasOwn(rolesByName, lower) ? rolesByName[lower] : undefined;
  const role = whole ?? rolesByPart.find(([pattern]) => pattern.test(lower))?.[1];
  return role === undefined ? { role: 'other', why: 'its name does not tell' } : { role, why: 'its name says so' };
}

/** The role a directory's name suggests; `other` when it suggests none. */
export function inferRole(name: string): Role {
  return roleOfName(name).role;
}

/** Top-level directories of a store as areas, in path order. */
export function inferAreas(names: readonly string[]): Area[] {
  return [...names].sort(comparePaths).map((name) => ({ id: name, path: name, role: inferRole(name) }));
}
