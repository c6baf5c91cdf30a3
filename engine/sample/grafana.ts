import type { DatabaseSync } from 'node:sqlite';
import { dayMs } from './days.ts';
import type { Random } from './random.ts';
import type { SampleEntry } from './tree.ts';

/** The tables of a Grafana database that tell what is in it (pkg/services/sqlstore/migrations), without accounts. */
const schema = `
CREATE TABLE migration_log (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, migration_id TEXT NOT NULL, sql TEXT NOT NULL,
  success INTEGER NOT NULL, error TEXT NOT NULL, timestamp DATETIME NOT NULL);
CREATE TABLE org (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, version INTEGER NOT NULL, name TEXT NOT NULL, created DATETIME NOT NULL,
  updated DATETIME NOT NULL);
CREATE UNIQUE INDEX UQE_org_name ON org (name);
CREATE TABLE data_source (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, org_id INTEGER NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL,
  name TEXT NOT NULL, access TEXT NOT NULL, url TEXT NOT NULL, is_default INTEGER NOT NULL, json_data TEXT NULL,
  created DATETIME NOT NULL, updated DATETIME NOT NULL, uid TEXT NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX UQE_data_source_org_id_name ON data_source (org_id, name);
CREATE TABLE dashboard (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, version INTEGER NOT NULL, slug TEXT NOT NULL, title TEXT NOT NULL,
  data TEXT NOT NULL, org_id INTEGER NOT NULL, created DATETIME NOT NULL, updated DATETIME NOT NULL, uid TEXT NULL);
CREATE UNIQUE INDEX UQE_dashboard_org_id_uid ON dashboard (org_id, uid);
`;

const panels = {
  'Prediction quality': ['prediction_error_ratio', 'prediction_latency_seconds', 'prediction_requests_total'],
  'Persistent storage': [
    'persistent_storage_size_bytes',
    'persistent_storage_files_total',
    'backup_last_success_timestamp',
  ],
} as const;

function fill(database: DatabaseSync, random: Random, nowMs: number): void {
  const time = (ageDays: number): string =>
    new Date(nowMs - ageDays * dayMs).toISOString().slice(0, 19).replace('T', ' ');
  database.exec(schema);
  const migration = database.prepare("INSERT INTO migration_log VALUES (NULL, ?, ?, 1, '', ?)");
  for (const table of ['migration_log', 'org', 'data_source', 'dashboard']) {
    migration.run(`create ${table} table`, `CREATE TABLE IF NOT EXISTS ${table}`, time(60));
  }
  database.prepare('INSERT INTO org VALUES (1, 0, ?, ?, ?)').run('Main Org.', time(60), time(60));
  const source = random.hex(14);
  database
    .prepare("INSERT INTO data_source VALUES (1, 1, 1, 'prometheus', 'Prometheus', 'proxy', ?, 1, '{}', ?, ?, ?)")
    .run('http://prometheus:9090', time(60), time(60), source);
  const dashboard = database.prepare('INSERT INTO dashboard VALUES (NULL, ?, ?, ?, ?, 1, ?, ?, ?)');
  for (const [title, metrics] of Object.entries(panels)) {
    const uid = random.hex(14);
    const data = JSON.stringify({
      title,
      uid,
      schemaVersion: 41,
      panels: metrics.map((expr, index) => ({
        id: index + 1,
        type: 'timeseries',
        title: expr,
        datasource: { type: 'prometheus', uid: source },
        gridPos: { h: 8, w: 12, x: 12 * (index % 2), y: 8 * Math.floor(index / 2) },
        targets: [{ refId: 'A', expr }],
      })),
    });
    dashboard.run(3 + random.int(9), title.toLowerCase().replaceAll(' ', '-'), title, data, time(52), time(8), uid);
  }
}

export function grafanaEntries(root: string, nowMs: number): SampleEntry[] {
  return [
    {
      kind: 'database',
      path: `${root}/grafana.db`,
      mtimeMs: nowMs - 8 * dayMs,
      fill: (database, random) => fill(database, random, nowMs),
    },
  ];
}
