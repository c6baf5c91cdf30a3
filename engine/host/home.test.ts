import { expect, it } from 'vitest';
import { larderHome } from './index.ts';

it.each([
  [{ LARDER_HOME: '/srv/larder' }, 'linux', '/srv/larder'],
  [{}, 'linux', '/home/ada/.local/share/larder'],
  [{ XDG_DATA_HOME: '/data/xdg' }, 'linux', '/data/xdg/larder'],
  // The specification: relative paths in these variables are to be ignored.
  [{ XDG_DATA_HOME: 'relative' }, 'linux', '/home/ada/.local/share/larder'],
  [{ LARDER_HOME: '' }, 'darwin', '/home/ada/Library/Application Support/Larder'],
])('%j on %s gives %s', (env, platform, home) => {
  expect(larderHome(env, platform, '/home/ada')).toBe(home);
});

it('uses APPDATA on Windows', () => {
  expect(larderHome({ APPDATA: 'C:\\Users\\ada\\AppData\\Roaming' }, 'win32', 'C:\\Users\\ada')).toBe(
    'C:\\Users\\ada\\AppData\\Roaming\\Larder',
  );
});
