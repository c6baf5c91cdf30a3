import type { DatabaseSync } from 'node:sqlite';
import type { Random } from './random.ts';
import { encodeHnsw } from './hnsw.ts';
import { encodePickle } from './pickle.ts';
import { symbols } from './prices.ts';
import { hourMs, isoDay } from './days.ts';
import { createRandom } from './random.ts';
import type { SampleEntry } from './tree.ts';
import { float32Bytes, unitVectors } from './weights.ts';

/**
 * A Chroma store: `chroma.sqlite3` with the tables of Chroma's own migrations (chromadb/migrations, read at 1.0), and
 * one folder, named as its segment, with the graph of a collection that was large enough to be written out.
 */

const dimension = 384;

const schema = `
CREATE TABLE embeddings_queue (
  seq_id INTEGER PRIMARY KEY, created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, operation INTEGER NOT NULL,
  topic TEXT NOT NULL, id TEXT NOT NULL, vector BLOB, encoding TEXT, metadata TEXT);
CREATE TABLE embeddings_queue_config (id INTEGER PRIMARY KEY, config_json_str TEXT);
CREATE TABLE tenants (id TEXT PRIMARY KEY, UNIQUE (id));
CREATE TABLE databases (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, tenant_id TEXT NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
  UNIQUE (tenant_id, name));
CREATE TABLE collections (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, dimension INTEGER,
  database_id TEXT NOT NULL REFERENCES databases(id) ON DELETE CASCADE, config_json_str TEXT, schema_str TEXT,
  UNIQUE (name, database_id));
CREATE TABLE collection_metadata (
  collection_id TEXT REFERENCES collections(id) ON DELETE CASCADE, key TEXT NOT NULL, str_value TEXT,
  int_value INTEGER, float_value REAL, bool_value INTEGER, PRIMARY KEY (collection_id, key));
CREATE TABLE segments (
  id TEXT PRIMARY KEY, type TEXT NOT NULL, scope TEXT NOT NULL, collection TEXT REFERENCES collections(id) NOT NULL);
CREATE TABLE segment_metadata (
  segment_id TEXT REFERENCES segments(id) ON DELETE CASCADE, key TEXT NOT NULL, str_value TEXT, int_value INTEGER,
  float_value REAL, bool_value INTEGER, PRIMARY KEY (segment_id, key));
CREATE TABLE embeddings (
  id INTEGER PRIMARY KEY, segment_id TEXT NOT NULL, embedding_id TEXT NOT NULL, seq_id BLOB NOT NULL,
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, UNIQUE (segment_id, embedding_id));
CREATE TABLE embedding_metadata (
  id INTEGER REFERENCES embeddings(id), key TEXT NOT NULL, string_value TEXT, int_value INTEGER, float_value REAL,
  bool_value INTEGER, PRIMARY KEY (id, key));
CREATE INDEX embedding_metadata_int_value ON embedding_metadata (key, int_value) WHERE int_value IS NOT NULL;
CREATE INDEX embedding_metadata_float_value ON embedding_metadata (key, float_value) WHERE float_value IS NOT NULL;
CREATE INDEX embedding_metadata_string_value ON embedding_metadata (key, string_value) WHERE string_value IS NOT NULL;
CREATE TABLE max_seq_id (segment_id TEXT PRIMARY KEY, seq_id INTEGER);
CREATE TABLE maintenance_log (id INT PRIMARY KEY, timestamp INT NOT NULL, operation TEXT NOT NULL);
CREATE TABLE acquire_write (id INTEGER PRIMARY KEY, lock_status INTEGER NOT NULL);
CREATE VIRTUAL TABLE embedding_fulltext_search USING fts5(string_value, tokenize='trigram');
`;

interface Collection {
  readonly id: string;
  readonly name: string;
  readonly vectorSegment: string;
  readonly metadataSegment: string;
  readonly count: number;
  /** Whether its graph was written to a folder; until then its vectors are in the queue only. */
  readonly written: boolean;
}

const tenant = 'default_tenant';
const databaseId = '00000000-0000-0000-0000-000000000000';
const subjects = [
  'quarterly revenue',
  'data-centre demand',
  'a supply agreement',
  'its margin outlook',
  'a buyback',
] as const;
const verbs = ['reports', 'revises', 'confirms', 'is said to weigh', 'announces'] as const;
const endings = [
  'ahead of earnings',
  'as rates hold',
  'amid strong orders',
  'after a weak open',
  'for the year',
] as const;

function headline(random: Random, symbol: string): string {
  return `${symbol} ${random.pick(verbs)} ${random.pick(subjects)} ${random.pick(endings)}; analysts expect ${(random.gaussian() * 4).toFixed(1)}%`;
}

function plannedCollections(seed: number): Collection[] {
  const random = createRandom(seed, 'chroma');
  const ids = (): Pick<Collection, 'id' | 'vectorSegment' | 'metadataSegment'> => ({
    id: random.uuid(),
    vectorSegment: random.uuid(),
    metadataSegment: random.uuid(),
  });
  return [
    { ...ids(), name: 'news_articles', count: 1000, written: true },
    { ...ids(), name: 'earnings_calls', count: 240, written: false },
  ];
}

function addCollection(database: DatabaseSync, collection: Collection, random: Random, nowMs: number): void {
  const config = JSON.stringify({
    hnsw: {
      space: 'l2',
      ef_construction: 100,
      ef_search: 100,
      max_neighbors: 16,
      resize_factor: 1.2,
      sync_threshold: 1000,
    },
  });
  const { id, vectorSegment, metadataSegment } = collection;
  database
    .prepare('INSERT INTO collections (id, name, dimension, database_id, config_json_str) VALUES (?, ?, ?, ?, ?)')
    .run(id, collection.name, dimension, databaseId, config);
  const describe = database.prepare('INSERT INTO collection_metadata (collection_id, key, str_value) VALUES (?, ?, ?)');
  describe.run(id, 'embedding_model', 'news_embedder');
  const segment = database.prepare('INSERT INTO segments VALUES (?, ?, ?, ?)');
  segment.run(vectorSegment, 'urn:chroma:segment/vector/hnsw-local-persisted', 'VECTOR', id);
  segment.run(metadataSegment, 'urn:chroma:segment/metadata/sqlite', 'METADATA', id);

  const embedding = database.prepare('INSERT INTO embeddings VALUES (NULL, ?, ?, ?, ?)');
  const metadata = database.prepare('INSERT INTO embedding_metadata (id, key, string_value) VALUES (?, ?, ?)');
  const text = database.prepare('INSERT INTO embedding_fulltext_search (rowid, string_value) VALUES (?, ?)');
  const queue = database.prepare('INSERT INTO embeddings_queue VALUES (NULL, ?, 0, ?, ?, ?, ?, ?)');
  const vectors = collection.written ? undefined : unitVectors(random, collection.count, dimension);
  for (let index = 0; index < collection.count; index += 1) {
    const { symbol } = symbols[index % symbols.length] ?? { symbol: 'SPY' };
    const document = headline(random, symbol);
    const published = isoDay(nowMs - (collection.count - index) * hourMs);
    const created = `${published} 06:00:00`;
    const name = `${collection.name}-${index.toString().padStart(5, '0')}`;
    const row = Number(embedding.run(metadataSegment, name, index + 1, created).lastInsertRowid);
    metadata.run(row, 'chroma:document', document);
    metadata.run(row, 'published', published);
    metadata.run(row, 'symbol', symbol);
    text.run(row, document);
    if (vectors !== undefined) {
      const vector = float32Bytes(vectors.subarray(index * dimension, (index + 1) * dimension));
      const topic = `persistent://default/default/${id}`;
      queue.run(created, topic, name, vector, 'FLOAT32', JSON.stringify({ 'chroma:document': document, symbol }));
    }
  }
  const seen = database.prepare('INSERT INTO max_seq_id VALUES (?, ?)');
  seen.run(metadataSegment, collection.count);
  if (collection.written) seen.run(vectorSegment, collection.count);
}

function fill(database: DatabaseSync, seed: number, random: Random, nowMs: number): void {
  database.exec(schema);
  database.prepare('INSERT INTO tenants VALUES (?)').run(tenant);
  database.prepare('INSERT INTO databases VALUES (?, ?, ?)').run(databaseId, 'default_database', tenant);
  const queueConfig = JSON.stringify({ automatically_purge: true, _type: 'EmbeddingsQueueConfigurationInternal' });
  database.prepare('INSERT INTO embeddings_queue_config VALUES (1, ?)').run(queueConfig);
  for (const collection of plannedCollections(seed)) addCollection(database, collection, random, nowMs);
}

/** The labels Chroma keeps beside the graph: which embedding is which element. */
function labels(collection: Collection): Buffer {
  const ids = Array.from(
    { length: collection.count },
    (_, index) => `${collection.name}-${index.toString().padStart(5, '0')}`,
  );
  return encodePickle(
    new Map<string, Parameters<typeof encodePickle>[0]>([
      ['dimensionality', dimension],
      ['total_elements_added', collection.count],
      ['max_seq_id', collection.count],
      ['id_to_label', new Map(ids.map((id, index) => [id, index + 1]))],
      ['label_to_id', new Map(ids.map((id, index) => [index + 1, id]))],
      ['id_to_seq_id', new Map(ids.map((id, index) => [id, index + 1]))],
    ]),
  );
}

export function chromaEntries(root: string, seed: number, nowMs: number, mtimeMs: number): SampleEntry[] {
  const entries: SampleEntry[] = [
    {
      kind: 'database',
      path: `${root}/chroma.sqlite3`,
      mtimeMs,
      fill: (database, random) => fill(database, seed, random, nowMs),
    },
  ];
  for (const collection of plannedCollections(seed)) {
    if (!collection.written) continue;
    const folder = `${root}/${collection.vectorSegment}`;
    const graph = encodeHnsw(unitVectors(createRandom(seed, folder), collection.count, dimension), dimension);
    const add = (name: string, content: Buffer): void => {
      entries.push({ kind: 'file', path: `${folder}/${name}`, mtimeMs: mtimeMs - 3 * hourMs, content: () => content });
    };
    add('data_level0.bin', graph.data);
    add('header.bin', graph.header);
    add('length.bin', graph.lengths);
    add('link_lists.bin', graph.links);
    add('index_metadata.pickle', labels(collection));
  }
  return entries;
}
