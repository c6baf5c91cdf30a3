import { describe, expect, it } from 'vitest';
import type { LayoutArea } from '../../shared/contract/index.ts';
import { layoutSchema } from '../../shared/contract/index.ts';
import { nodeFs } from '../fs/index.ts';
import { areaPath } from '../../shared/area-path.ts';
import { layoutOf, ShippedLayouts } from './shipped.ts';

const shipped = new ShippedLayouts(nodeFs);

describe('the shipped layouts', () => {
  it.each(shipped.list().map((layout) => [layout.id, layout] as const))('%s is whole', (id, layout) => {
    expect(layoutSchema.parse(layout)).toEqual(layout);
    expect(shipped.find(id)).toBe(layout);
    // What is cleaned by age is kept by age or always, never the other way round.
    for (const { path, role, backup } of layout.areas)
      if (role === 'backup') expect([path, backup]).toEqual([path, 'never']);
    const paths = new Set(layout.areas.map(({ path }) => path));
    for (const { path } of layout.environment) if (path !== undefined) expect(areaPath(path)).toBe(path);
    for (const { to } of layout.moves) {
      expect([...paths].some((path) => path === to || path.startsWith(`${to}/`))).toBe(true);
    }
    if (layout.group !== 'project') expect(layout.marks.length).toBeGreaterThan(0);
  });

  it('come projects first', () => {
    expect(
      shipped
        .list()
        .slice(0, 4)
        .map(({ id }) => id),
    ).toEqual(['aura', 'stock-prediction-3.1', 'stock-prediction-3.4', 'ted']);
  });

  const rules = (id: string): Record<string, unknown[]> =>
    Object.fromEntries(
      (shipped.find(id)?.areas ?? []).map(({ path, role, backup, cleanup }: LayoutArea) => [
        path,
        [role, backup, cleanup],
      ]),
    );

  it('have the rules of stock prediction 3.1', () => {
    expect(rules('stock-prediction-3.1')).toEqual({
      ml_models: ['model', 'always', 'never'],
      ml_cache: ['cache', 'always', { olderThanHours: 24 }],
      scalers: ['scaler', 'always', 'never'],
      'stock_data/historical': ['dataset', 'always', 'never'],
      'stock_data/cache': ['cache', 'always', { olderThanHours: 24 }],
      'stock_data/predictions': ['prediction', 'always', { olderThanDays: 7 }],
      logs: ['log', { recentDays: 7 }, { olderThanDays: 30 }],
      config: ['config', 'always', 'never'],
      backups: ['backup', 'never', 'retention'],
      'monitoring/prometheus': ['metrics', 'always', 'never'],
      'monitoring/grafana': ['metrics', 'always', 'never'],
    });
  });

  it('have the rules of stock prediction 3.4', () => {
    expect(rules('stock-prediction-3.4')).toEqual({
      ml_models: ['model', 'always', 'never'],
      ml_cache: ['cache', 'always', { olderThanHours: 24 }],
      scalers: ['scaler', 'always', 'never'],
      stock_data: ['dataset', 'always', 'never'],
      logs: ['log', { recentDays: 7 }, { olderThanDays: 30 }],
      config: ['config', 'always', 'never'],
      backups: ['backup', 'never', 'retention'],
      redis: ['database', 'always', 'never'],
      prometheus: ['metrics', 'always', 'never'],
      grafana: ['metrics', 'always', 'never'],
      frontend: ['frontend', 'always', { olderThanDays: 30, only: ['*.log', '**/logs/**'] }],
    });
  });

  it.each(['stock-prediction-3.1', 'stock-prediction-3.4'])('name every variable of %s', (id) => {
    const layout = shipped.find(id);
    const names = [
      ...(layout?.areas.flatMap(({ environment = [] }) => environment) ?? []),
      ...(layout?.environment.map(({ name }) => name) ?? []),
    ];
    expect(names.sort()).toEqual([
      ...['BACKUP_PATH', 'CACHE_CLEANUP_INTERVAL', 'CONFIG_PATH', 'LOG_PATH', 'ML_CACHE_PATH', 'ML_MODEL_PATH'],
      ...['ML_PREDICTION_TTL', 'ML_SCALER_PATH', 'PREDICTION_CACHE_PATH', 'STOCK_DATA_CACHE_PATH', 'STOCK_DATA_TTL'],
      'STOCK_HISTORICAL_PATH',
    ]);
  });
});

it('a layout that cannot be used says where', () => {
  expect(() => layoutOf('id: x\ntitle: X\nsummary: x\ngroup: nope\n', 'x.yaml')).toThrow(
    'The layout x.yaml cannot be used: line 4: The value of group is not one of: project',
  );
  expect(() =>
    layoutOf('id: x\ntitle: X\nsummary: x\ngroup: models\nareas: { ../a: { role: log } }\n', 'x.yaml'),
  ).toThrow('"../a" is not a path of an area.');
});
