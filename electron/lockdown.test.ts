import { describe, expect, it } from 'vitest';
import { isLoadable, webPreferences } from './lockdown.ts';

describe('webPreferences', () => {
  it('leaves a page nothing of Node, whatever the build', () => {
    for (const packaged of [true, false]) {
      expect(webPreferences({ preload: '/p.cjs', packaged })).toEqual({
        preload: '/p.cjs',
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        webviewTag: false,
        webSecurity: true,
        allowRunningInsecureContent: false,
        experimentalFeatures: false,
        navigateOnDragDrop: false,
        spellcheck: false,
        devTools: !packaged,
      });
    }
  });
});

describe('isLoadable', () => {
  it.each(['app://ui/', 'app://ui/assets/a.js', 'data:image/png;base64,', 'blob:app://ui/1'])('lets %s load', (url) => {
    expect(isLoadable(url, true)).toBe(true);
  });

  it.each([
    'https://github.com/',
    'http://127.0.0.1/',
    'file:///etc/passwd',
    'app://evil/',
    'ws://ui/',
    'ftp://ui/',
    'x',
  ])('lets %s not load', (url) => {
    expect(isLoadable(url, false)).toBe(false);
  });

  it('lets the developer tools load in development only', () => {
    expect(isLoadable('devtools://devtools/bundled/x.html', false)).toBe(true);
    expect(isLoadable('devtools://devtools/bundled/x.html', true)).toBe(false);
  });
});
