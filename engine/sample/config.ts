import { displayName } from '../../shared/path-text.ts';
import { dayMs } from './days.ts';
import { featureNames, symbols } from './prices.ts';
import type { SampleFile } from './tree.ts';

/** Where the store is seen from inside the containers. */
const inside = '/app/persistent_data';

const environment = [
  '# Where the service keeps what must outlive its containers.',
  `ML_MODEL_PATH=${inside}/ml_models`,
  `ML_SCALER_PATH=${inside}/scalers`,
  `ML_CACHE_PATH=${inside}/ml_cache`,
  `STOCK_DATA_CACHE_PATH=${inside}/stock_data/cache`,
  `STOCK_HISTORICAL_PATH=${inside}/stock_data/historical`,
  `PREDICTION_CACHE_PATH=${inside}/ml_cache/predictions_cache`,
  `LOG_PATH=${inside}/logs`,
  `CONFIG_PATH=${inside}/config`,
  `BACKUP_PATH=${inside}/backups`,
  '',
  'ML_PREDICTION_TTL=1h',
  'STOCK_DATA_TTL=30m',
  'CACHE_CLEANUP_INTERVAL=6h',
  '',
].join('\n');

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

export function configFiles(nowMs: number): SampleFile[] {
  const file = (name: string, ageDays: number, text: string): SampleFile => ({
    kind: 'file',
    path: `config/${name}`,
    mtimeMs: nowMs - ageDays * dayMs,
    content: () => text,
  });
  return [
    file('persistent.env', 58, environment),
    file(
      'ml_config.json',
      23,
      json({
        version: '3.1',
        symbols: symbols.map(({ symbol }) => symbol),
        features: featureNames,
        sequence_length: 60,
        horizons_days: [1, 5, 20],
        ensemble: { lstm: 0.55, transformer: 0.3, news: 0.15 },
        training: { optimizer: 'adam', learning_rate: 0.001, batch_size: 64, epochs: 80, early_stopping: 8 },
        news: { embedder: 'news_embedder', vector_store: 'chroma', language_model: 'finance_llm' },
      }),
    ),
    file(
      'api_config.json',
      41,
      json({
        host: '0.0.0.0',
        port: 8000,
        rate_limit_per_minute: 120,
        cors_origins: ['http://localhost:3000'],
        cache: { predictions_seconds: 3600, stock_data_seconds: 1800 },
      }),
    ),
  ];
}

/** The services with every mount the layout asks for; `folderName` is the store's folder beside the file. */
export function composeFile(folderName: string): string {
  const mount = (from: string, to: string): string => {
    const source = from === '' ? `./${displayName(folderName)}` : `./${displayName(folderName)}/${from}`;
    // A JSON string is a YAML double-quoted scalar; a dollar sign would start a variable.
    return `      - ${JSON.stringify(`${source.replaceAll('$', '$$$$')}:${to}`)}`;
  };
  return [
    'services:',
    '  backend:',
    '    image: stock-prediction/backend:3.1',
    '    restart: unless-stopped',
    '    env_file:',
    `      - ${JSON.stringify(`./${displayName(folderName).replaceAll('$', '$$$$')}/config/persistent.env`)}`,
    '    ports:',
    '      - "127.0.0.1:8000:8000"',
    '    volumes:',
    mount('', inside),
    mount('ml_models', '/app/models'),
    mount('logs', '/app/logs'),
    mount('config', '/app/config'),
    '  prometheus:',
    '    image: prom/prometheus:v3.5.0',
    '    restart: unless-stopped',
    '    volumes:',
    mount('monitoring/prometheus', '/prometheus'),
    mount('logs/prometheus', '/var/log/prometheus'),
    '  grafana:',
    '    image: grafana/grafana:12.1.0',
    '    restart: unless-stopped',
    '    ports:',
    '      - "127.0.0.1:3000:3000"',
    '    volumes:',
    mount('monitoring/grafana', '/var/lib/grafana'),
    mount('logs/grafana', '/var/log/grafana'),
    '',
  ].join('\n');
}
