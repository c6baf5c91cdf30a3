import { describe, expect, it } from 'vitest';
import { envRules, leadsTo } from './env-files.ts';

const rules = envRules('/srv/app/data', {
  containerRoot: '/app/data',
  mounts: [
    { service: 'a', path: 'one/models', target: '/app/models' },
    { service: 'b', path: 'two/models', target: '/app/models' },
  ],
  environment: [
    { name: 'MODEL_PATH', path: 'one/models' },
    { name: 'TTL', value: '1h' },
  ],
});

describe('where a variable leads', () => {
  it.each([
    ['a path in a container', 'X', '/app/data/logs/', { to: 'store', places: ['logs'] }],
    ['the whole store in a container', 'X', '/app/data', { to: 'store', places: [''] }],
    [
      'a mount of several services',
      'X',
      '/app/models/best',
      { to: 'store', places: ['one/models/best', 'two/models/best'] },
    ],
    ['a path of this machine', 'X', '/srv/app/data/./cache//x', { to: 'store', places: ['cache/x'] }],
    ['a path from where the project is', 'X', './data/cache', { to: 'store', places: ['cache'] }],
    ['a path that only begins alike', 'MODEL_PATH', '/app/database', { to: 'outside' }],
    ['a path that climbs out', 'MODEL_PATH', '/app/data/../secret', { to: 'outside' }],
    ['a path above everything', 'MODEL_PATH', '/../..', { to: 'outside' }],
    ['no path at all', 'MODEL_PATH', 's3://bucket/models', { to: 'outside' }],
    ['nothing', 'MODEL_PATH', '', { to: 'nowhere' }],
    ['a path of another variable elsewhere', 'JAVA_HOME', '/usr/lib/jvm', { to: 'nowhere' }],
    ['a setting', 'TTL', '1h', { to: 'nowhere' }],
    ['a relative path elsewhere', 'OTHER', './logs', { to: 'nowhere' }],
  ])('%s', (_name, name, value, expected) => {
    expect(leadsTo({ name, value }, rules)).toEqual(expected);
  });
});
