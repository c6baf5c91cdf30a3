import type { ImageName } from './image-name.ts';

/*
 * Where well-known images keep their data, and as whom. Sources: each image's own Dockerfile and documentation, as of
 * PostgreSQL 18, Chroma 1, Redis 8, Valkey 9, MongoDB 8, Qdrant 1, Milvus 2, Elasticsearch 9.
 */

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** A folder of a container that holds data. */
export interface DataPath {
  /** Where to mount something. */
  readonly path: string;
  /** Where in it the data really goes, when that is deeper. */
  readonly inside?: string;
  /** What is lost without it. */
  readonly what: string;
  /** Of less weight: most set-ups do without. */
  readonly minor?: boolean;
  /** Variables that move it, the first set one counts. */
  readonly variables?: readonly string[];
  /** Options of the command that move it, with `=` or as the next word. */
  readonly flags?: readonly string[];
  /** It is kept, too, when something deeper is mounted. */
  readonly partly?: boolean;
}

/** The data paths of some versions of an image: from major version `from` on, and below `below`. */
export interface Era {
  readonly from?: number;
  readonly below?: number;
  readonly paths: readonly DataPath[];
  /** What the image declares as `VOLUME`: an anonymous volume lies there unless exactly this path is mounted. */
  readonly volumes: readonly string[];
  /** A tag of this era to suggest to those who use a moving one. */
  readonly pin?: string;
}

export interface ImageFact {
  readonly id: string;
  readonly title: string;
  readonly repositories: readonly RegExp[];
  readonly eras: readonly Era[];
  /** Who must be able to write the data; absent when not known. */
  readonly owner?: Owner;
  readonly owners?: readonly { readonly tag: RegExp; readonly owner: Owner }[];
  /** Started as root, it takes the folder over by itself (`chown` in its entrypoint). */
  readonly takesOver?: boolean;
  /** It refuses a folder another user owns, even a writable one. */
  readonly strict?: boolean;
  /** Two containers on the same folder damage it. */
  readonly exclusive?: boolean;
  /** It needs a POSIX file system with working `mmap` and locks. */
  readonly posix?: boolean;
}

const era = (volumes: readonly string[], ...paths: readonly DataPath[]): Era => ({ volumes, paths });

const postgresPath = { what: 'the databases', variables: ['PGDATA'] };

export const imageFacts: readonly ImageFact[] = [
  {
    id: 'postgres',
    title: 'PostgreSQL',
    repositories: [
      /^postgres$/,
      /^pgvector\/pgvector$/,
      /^ankane\/pgvector$/,
      /^postgis\/postgis$/,
      /^tensorchord\/pgvecto-rs$/,
    ],
    eras: [
      {
        below: 18,
        volumes: ['/var/lib/postgresql/data'],
        paths: [{ ...postgresPath, path: '/var/lib/postgresql/data' }],
        pin: '17',
      },
      {
        from: 18,
        volumes: ['/var/lib/postgresql'],
        // PGDATA is /var/lib/postgresql/MAJOR/docker.
        paths: [{ ...postgresPath, path: '/var/lib/postgresql', inside: '/var/lib/postgresql/18/docker' }],
        pin: '18',
      },
    ],
    owner: { uid: 999, gid: 999 },
    owners: [{ tag: /alpine/, owner: { uid: 70, gid: 70 } }],
    takesOver: true,
    strict: true,
    exclusive: true,
  },
  {
    id: 'timescaledb',
    title: 'TimescaleDB',
    repositories: [/^timescale\/timescaledb$/],
    eras: [
      {
        below: 18,
        volumes: ['/var/lib/postgresql/data'],
        paths: [{ ...postgresPath, path: '/var/lib/postgresql/data' }],
      },
      {
        from: 18,
        volumes: ['/var/lib/postgresql/data', '/var/lib/postgresql'],
        paths: [{ ...postgresPath, path: '/var/lib/postgresql/data' }],
      },
    ],
    takesOver: true,
    strict: true,
    exclusive: true,
  },
  {
    id: 'redis',
    title: 'Redis',
    repositories: [/^redis$/, /^redis\/redis-stack(?:-server)?$/, /^eqalpha\/keydb$/],
    eras: [era(['/data'], { path: '/data', what: 'snapshots and the append-only file', flags: ['--dir'] })],
    owner: { uid: 999, gid: 999 },
    owners: [{ tag: /alpine/, owner: { uid: 999, gid: 1000 } }],
    takesOver: true,
    exclusive: true,
  },
  {
    id: 'valkey',
    title: 'Valkey',
    repositories: [/^valkey\/valkey$/],
    eras: [era(['/data'], { path: '/data', what: 'snapshots and the append-only file', flags: ['--dir'] })],
    owner: { uid: 999, gid: 999 },
    owners: [{ tag: /alpine/, owner: { uid: 999, gid: 1000 } }],
    takesOver: true,
    exclusive: true,
  },
  {
    id: 'mongo',
    title: 'MongoDB',
    repositories: [/^mongo$/],
    eras: [
      era(
        ['/data/db', '/data/configdb'],
        { path: '/data/db', what: 'the databases', flags: ['--dbpath'] },
        { path: '/data/configdb', what: 'what a config server keeps', minor: true },
      ),
    ],
    owner: { uid: 999, gid: 999 },
    takesOver: true,
    exclusive: true,
  },
  {
    id: 'mysql',
    title: 'MySQL',
    repositories: [/^mysql$/, /^mysql\/mysql-server$/, /^percona(?:\/percona-server)?$/],
    eras: [era(['/var/lib/mysql'], { path: '/var/lib/mysql', what: 'the databases', flags: ['--datadir'] })],
    owner: { uid: 999, gid: 999 },
    takesOver: true,
    exclusive: true,
  },
  {
    id: 'mariadb',
    title: 'MariaDB',
    repositories: [/^mariadb$/],
    eras: [era(['/var/lib/mysql'], { path: '/var/lib/mysql', what: 'the databases', flags: ['--datadir'] })],
    owner: { uid: 999, gid: 999 },
    takesOver: true,
    exclusive: true,
  },
  {
    id: 'prometheus',
    title: 'Prometheus',
    repositories: [/^prom\/prometheus$/, /^prometheus\/prometheus$/],
    eras: [
      era(['/prometheus'], {
        path: '/prometheus',
        what: 'all recorded metrics',
        flags: ['--storage.tsdb.path', '-storage.tsdb.path'],
      }),
    ],
    owner: { uid: 65534, gid: 65534 },
    exclusive: true,
    posix: true,
  },
  {
    id: 'grafana',
    title: 'Grafana',
    repositories: [/^grafana\/grafana(?:-oss|-enterprise)?$/],
    eras: [
      era([], { path: '/var/lib/grafana', what: 'dashboards, users and data sources', variables: ['GF_PATHS_DATA'] }),
    ],
    owner: { uid: 472, gid: 0 },
    exclusive: true,
  },
  {
    id: 'loki',
    title: 'Loki',
    repositories: [/^grafana\/loki$/],
    eras: [era([], { path: '/loki', what: 'all logs' })],
    owner: { uid: 10001, gid: 10001 },
    exclusive: true,
  },
  {
    id: 'qdrant',
    title: 'Qdrant',
    repositories: [/^qdrant\/qdrant$/],
    eras: [
      era(
        [],
        { path: '/qdrant/storage', what: 'all collections', variables: ['QDRANT__STORAGE__STORAGE_PATH'] },
        { path: '/qdrant/snapshots', what: 'snapshots', variables: ['QDRANT__STORAGE__SNAPSHOTS_PATH'], minor: true },
      ),
    ],
    owner: { uid: 0, gid: 0 },
    owners: [{ tag: /unprivileged/, owner: { uid: 1000, gid: 1000 } }],
    exclusive: true,
    posix: true,
  },
  {
    id: 'chroma',
    title: 'Chroma',
    repositories: [/^chromadb\/chroma$/, /^chroma-core\/chroma$/],
    eras: [
      {
        below: 1,
        volumes: [],
        paths: [{ path: '/chroma/chroma', what: 'all collections', variables: ['PERSIST_DIRECTORY'] }],
        pin: '0.6.3',
      },
      { from: 1, volumes: [], paths: [{ path: '/data', what: 'all collections' }], pin: '1.0.20' },
    ],
    owner: { uid: 0, gid: 0 },
    exclusive: true,
  },
  {
    id: 'weaviate',
    title: 'Weaviate',
    repositories: [/^semitechnologies\/weaviate$/],
    eras: [era([], { path: '/var/lib/weaviate', what: 'all collections', variables: ['PERSISTENCE_DATA_PATH'] })],
    owner: { uid: 0, gid: 0 },
    exclusive: true,
  },
  {
    id: 'elasticsearch',
    title: 'Elasticsearch',
    repositories: [/^elasticsearch$/, /^elasticsearch\/elasticsearch(?:-wolfi)?$/],
    eras: [era([], { path: '/usr/share/elasticsearch/data', what: 'all indexes', variables: ['path.data'] })],
    owner: { uid: 1000, gid: 0 },
    exclusive: true,
  },
  {
    id: 'opensearch',
    title: 'OpenSearch',
    repositories: [/^opensearchproject\/opensearch$/],
    eras: [era([], { path: '/usr/share/opensearch/data', what: 'all indexes', variables: ['path.data'] })],
    owner: { uid: 1000, gid: 1000 },
    exclusive: true,
  },
  {
    id: 'milvus',
    title: 'Milvus',
    repositories: [/^milvusdb\/milvus$/],
    eras: [era([], { path: '/var/lib/milvus', what: 'its local storage and message queue' })],
    owner: { uid: 0, gid: 0 },
    exclusive: true,
  },
  {
    id: 'etcd',
    title: 'etcd',
    repositories: [/^coreos\/etcd$/],
    eras: [
      era([], {
        path: '/etcd',
        what: 'what Milvus knows of its collections',
        variables: ['ETCD_DATA_DIR'],
        flags: ['--data-dir', '-data-dir'],
      }),
    ],
    owner: { uid: 0, gid: 0 },
    exclusive: true,
  },
  {
    id: 'minio',
    title: 'MinIO',
    repositories: [/^minio\/minio$/],
    eras: [era([], { path: '/minio_data', what: 'all objects', flags: ['server'] })],
    owner: { uid: 0, gid: 0 },
    exclusive: true,
  },
  {
    id: 'ollama',
    title: 'Ollama',
    repositories: [/^ollama\/ollama$/],
    eras: [
      era([], {
        path: '/root/.ollama',
        inside: '/root/.ollama/models',
        what: 'all models',
        variables: ['OLLAMA_MODELS'],
      }),
    ],
    owner: { uid: 0, gid: 0 },
  },
  {
    id: 'open-webui',
    title: 'Open WebUI',
    repositories: [/^open-webui\/open-webui$/],
    eras: [era([], { path: '/app/backend/data', what: 'chats, users and documents', variables: ['DATA_DIR'] })],
    owner: { uid: 0, gid: 0 },
    exclusive: true,
  },
  {
    id: 'neo4j',
    title: 'Neo4j',
    repositories: [/^neo4j$/],
    eras: [
      era(['/data', '/logs'], {
        path: '/data',
        what: 'the graphs',
        variables: ['NEO4J_server_directories_data', 'NEO4J_dbms_directories_data'],
      }),
    ],
    owner: { uid: 7474, gid: 7474 },
    takesOver: true,
    exclusive: true,
  },
  {
    id: 'jupyter',
    title: 'Jupyter',
    repositories: [/^jupyter\/[a-z0-9-]+$/],
    eras: [era([], { path: '/home/jovyan', what: 'notebooks', partly: true })],
    owner: { uid: 1000, gid: 100 },
  },
];

/** Programs of bitnami/* that keep data, by image; the others keep none, or their own way. */
const bitnami: Readonly<Record<string, { app: string; what: string }>> = {
  postgresql: { app: 'postgresql', what: 'the databases' },
  'postgresql-repmgr': { app: 'postgresql', what: 'the databases' },
  redis: { app: 'redis', what: 'snapshots and the append-only file' },
  'redis-cluster': { app: 'redis', what: 'snapshots and the append-only file' },
  valkey: { app: 'valkey', what: 'snapshots and the append-only file' },
  mongodb: { app: 'mongodb', what: 'the databases' },
  mysql: { app: 'mysql', what: 'the databases' },
  mariadb: { app: 'mariadb', what: 'the databases' },
  'mariadb-galera': { app: 'mariadb', what: 'the databases' },
  elasticsearch: { app: 'elasticsearch', what: 'all indexes' },
  opensearch: { app: 'opensearch', what: 'all indexes' },
  minio: { app: 'minio', what: 'all objects' },
  etcd: { app: 'etcd', what: 'all keys' },
  kafka: { app: 'kafka', what: 'all messages' },
  zookeeper: { app: 'zookeeper', what: 'its state' },
  rabbitmq: { app: 'rabbitmq', what: 'queues and messages' },
  neo4j: { app: 'neo4j', what: 'the graphs' },
  influxdb: { app: 'influxdb', what: 'all measurements' },
  cassandra: { app: 'cassandra', what: 'all tables' },
  clickhouse: { app: 'clickhouse', what: 'all tables' },
};

/** Images that keep nothing worth keeping of their own. */
const stateless = [
  /^(?:nginx|httpd|haproxy|traefik|memcached|busybox|alpine|hello-world|adminer|mongo-express|envoyproxy\/envoy|nginxinc\/nginx-unprivileged)$/,
  /(?:^|[/_-])exporter$/,
  /^(?:prom\/(?:node-exporter|pushgateway)|google\/cadvisor|cadvisor\/cadvisor|zilliz\/attu|grafana\/alloy|kibana|kibana\/kibana|rediscommander\/redis-commander|mailhog\/mailhog|curlimages\/curl)$/,
];

export type Known =
  { readonly kind: 'fact'; readonly fact: ImageFact } | { readonly kind: 'stateless' } | { readonly kind: 'unknown' };

/** What is known of an image. */
export function knownImage(image: ImageName): Known {
  const { repository } = image;
  const fact = imageFacts.find(({ repositories }) => repositories.some((pattern) => pattern.test(repository)));
  if (fact !== undefined) return { kind: 'fact', fact: withTag(fact, image) };
  const packed = /^(?:bitnami|bitnamilegacy|bitnamisecure)\/(.+)$/.exec(repository)?.[1] ?? '';
  const app = Object.hasOwn(bitnami, packed) ? bitnami[packed] : undefined;
  if (app !== undefined) return { kind: 'fact', fact: bitnamiFact(packed, app) };
  return { kind: stateless.some((pattern) => pattern.test(repository)) ? 'stateless' : 'unknown' };
}

function bitnamiFact(image: string, { app, what }: { app: string; what: string }): ImageFact {
  return {
    id: `bitnami-${image}`,
    title: `Bitnami ${app}`,
    repositories: [],
    eras: [era([], { path: `/bitnami/${app}`, inside: `/bitnami/${app}/data`, what })],
    owner: { uid: 1001, gid: 0 },
    exclusive: true,
  };
}

/** `open-webui:ollama` brings Ollama along. */
function withTag(fact: ImageFact, { tag }: ImageName): ImageFact {
  if (fact.id !== 'open-webui' || tag?.includes('ollama') !== true) return fact;
  const models: DataPath = { path: '/root/.ollama', inside: '/root/.ollama/models', what: 'all models' };
  return { ...fact, eras: fact.eras.map((each) => ({ ...each, paths: [...each.paths, models] })) };
}

/** Eras a version may be of: one, or all when the version is not known. */
export function erasOf({ eras }: ImageFact, major: number | undefined): readonly Era[] {
  if (major === undefined) return eras;
  return eras.filter(
    ({ from, below }) => (from === undefined || major >= from) && (below === undefined || major < below),
  );
}

/** Whom the image runs as, by its tag. */
export function ownerOf({ owner, owners }: ImageFact, { tag }: ImageName): Owner | undefined {
  return owners?.find((each) => each.tag.test(tag ?? ''))?.owner ?? owner;
}

/**
 * Variables that say where an application keeps models, vectors and caches. One of them pointing past all mounts of a
 * service that has some is hardly meant.
 */
export const dataVariables: ReadonlySet<string> = new Set([
  'HF_HOME',
  'HF_HUB_CACHE',
  'HF_DATASETS_CACHE',
  'HUGGINGFACE_HUB_CACHE',
  'TRANSFORMERS_CACHE',
  'SENTENCE_TRANSFORMERS_HOME',
  'TORCH_HOME',
  'KERAS_HOME',
  'NLTK_DATA',
  'OLLAMA_MODELS',
  'LLAMA_CACHE',
  'MODEL_PATH',
  'MODELS_PATH',
  'MODEL_DIR',
  'FINETUNED_MODEL_PATH',
  'VECTOR_STORE_PATH',
  'FAISS_INDEX_PATH',
  'PERSIST_DIRECTORY',
  'CHROMA_PERSIST_DIRECTORY',
  'CHROMA_DB_PATH',
  'LANCEDB_URI',
  'ML_MODEL_PATH',
  'ML_SCALER_PATH',
  'ML_CACHE_PATH',
  'STOCK_DATA_CACHE_PATH',
  'STOCK_HISTORICAL_PATH',
  'PREDICTION_CACHE_PATH',
  'BACKUP_PATH',
]);
