import type { Role } from '../../shared/contract/index.ts';
import { Globs } from '../../shared/glob.ts';
import { displayName } from '../../shared/path-text.ts';

/**
 * What files say of the folder they lie in, by their names (formats: reference of stores and formats). A weight below 1 is
 * for names that lie about in many kinds of folders.
 */
const kinds: readonly { readonly role: Role; readonly weight: number; readonly globs: readonly string[] }[] = [
  {
    role: 'vector',
    weight: 2,
    globs: ['*.faiss', '*.index', '*.hnsw', '*.annoy', '*.usearch', '*.ann', 'chroma.sqlite3', '*.lance', '*.ivfdata'],
  },
  {
    role: 'model',
    weight: 1,
    globs: [
      ...['*.safetensors', '*.gguf', '*.ggml', '*.pt', '*.pth', '*.ckpt', '*.onnx', '*.h5', '*.keras', '*.tflite'],
      ...['*.pb', '*.mlmodel', '*.mlpackage', '*.engine', 'pytorch_model*.bin', 'model*.bin', 'adapter_model.bin'],
      'ggml-*.bin',
    ],
  },
  { role: 'model', weight: 0.4, globs: ['*.pkl', '*.joblib', '*.pickle'] },
  {
    role: 'dataset',
    weight: 1,
    globs: [
      ...['*.parquet', '*.csv', '*.csv.gz', '*.tsv', '*.jsonl', '*.jsonl.gz', '*.ndjson', '*.arrow', '*.feather'],
      ...['*.avro', '*.npy', '*.npz', '*.tfrecord', '*.tfrecords', '*.orc', '*.mat'],
    ],
  },
  {
    role: 'dataset',
    weight: 0.4,
    globs: ['*.jpg', '*.jpeg', '*.png', '*.webp', '*.wav', '*.flac', '*.mp3', '*.mp4', '*.txt', '*.xlsx'],
  },
  { role: 'log', weight: 1, globs: ['*.log', '*.log.*', '*.log-*', '*.out', '*.err'] },
  {
    role: 'database',
    weight: 2,
    globs: ['PG_VERSION', 'pg_control', 'WiredTiger', '*.wt', 'dump.rdb', '*.rdb', '*.aof', '*.ibd', 'ibdata1'],
  },
  { role: 'database', weight: 1, globs: ['*.sqlite', '*.sqlite3', '*.db', '*.duckdb', '*.mdb', '*.kdbx'] },
  { role: 'metrics', weight: 2, globs: ['events.out.tfevents.*', '*.wandb', 'chunks_head', 'grafana.db'] },
  {
    role: 'backup',
    weight: 1,
    globs: [
      ...['*.tar.gz', '*.tgz', '*.tar.zst', '*.tar.xz', '*.tar.bz2', '*.tar', '*.tar.*.age', '*.manifest.jsonl.*'],
      ...['*.bak', '*.dump', '*.sql.gz', '*.sql.zst', '*backup*.zip'],
    ],
  },
  { role: 'config', weight: 0.5, globs: ['*.env', '.env', '*.toml', '*.ini', '*.conf', '*.cfg', '*.yaml', '*.yml'] },
  { role: 'config', weight: 0.1, globs: ['*.json'] },
  { role: 'frontend', weight: 0.5, globs: ['*.html', '*.css', '*.js', '*.tsx', '*.jsx', '*.vue', '*.svelte'] },
];
const matchers = kinds.map(({ globs, ...kind }) => ({ ...kind, globs: new Globs(globs) }));

/** What a name nobody knows takes from the certainty of the others. */
const unknownWeight = 0.1;
/** Share of all that was seen that a role needs. */
const clearShare = 0.6;
/** One file that says it plainly, or several that hint at it. */
const enough = 0.8;

/** The role the files of a folder suggest, and why; undefined when they suggest none clearly. */
export function roleOfContents(names: readonly string[]): { role: Role; why: string } | undefined {
  const sums = new Map<Role, { weight: number; count: number; example: string }>();
  let whole = 0;
  for (const name of names) {
    const kind = matchers.find(({ globs }) => globs.match(name.toLowerCase(), false) ?? globs.match(name, false));
    whole += kind?.weight ?? unknownWeight;
    if (kind === undefined) continue;
    const { weight, count, example } = sums.get(kind.role) ?? { weight: 0, count: 0, example: name };
    sums.set(kind.role, { weight: weight + kind.weight, count: count + 1, example });
  }
  const [best] = [...sums].sort(([, a], [, b]) => b.weight - a.weight);
  if (best === undefined) return undefined;
  const [role, { weight, count, example }] = best;
  if (weight < enough || weight < whole * clearShare) return undefined;
  const files = count === 1 ? displayName(example) : `${count} files such as ${displayName(example)}`;
  return { role, why: `it holds ${files}` };
}
