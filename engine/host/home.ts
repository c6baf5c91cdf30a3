import { posix, win32 } from 'node:path';

/**
 * Larder's folder for settings, history and job log: `LARDER_HOME`, or the application-data folder of the operating
 * system (XDG Base Directory Specification 0.8; Apple's File System Programming Guide; `%APPDATA%`).
 */
export function larderHome(
  env: Readonly<Record<string, string | undefined>>,
  platform: string,
  userHome: string,
): string {
  const { join, isAbsolute } = platform === 'win32' ? win32 : posix;
  const chosen = env['LARDER_HOME'];
  if (chosen !== undefined && chosen !== '') return chosen;
  if (platform === 'win32') return join(env['APPDATA'] ?? join(userHome, 'AppData', 'Roaming'), 'Larder');
  if (platform === 'darwin') return join(userHome, 'Library', 'Application Support', 'Larder');
  const data = env['XDG_DATA_HOME'];
  return join(data !== undefined && isAbsolute(data) ? data : join(userHome, '.local', 'share'), 'larder');
}
