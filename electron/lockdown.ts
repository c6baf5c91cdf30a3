import type { Session, WebContents, WebPreferences } from 'electron';
import { isInterfaceUrl } from './address.ts';
import { isAllowedExternal } from './external.ts';

/** The preferences of every window. Most are Electron's defaults; they are spelt out so that a change is seen. */
export function webPreferences(options: { preload: string; packaged: boolean }): WebPreferences {
  return {
    preload: options.preload,
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
    // The spelling checker downloads its dictionaries.
    spellcheck: false,
    devTools: !options.packaged,
  };
}

/** Whether a window may load the URL at all: the interface, what it makes itself, and in development the tools. */
export function isLoadable(url: string, packaged: boolean): boolean {
  if (isInterfaceUrl(url)) return true;
  const protocol = URL.parse(url)?.protocol;
  if (protocol === 'data:' || protocol === 'blob:') return true;
  return !packaged && protocol === 'devtools:';
}

/** Refuses every permission, device, download and request that is not for the interface itself. */
export function lockSession(session: Session, packaged: boolean): void {
  session.setPermissionRequestHandler((_contents, _permission, callback) => {
    callback(false);
  });
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event) => {
    event.preventDefault();
  });
  session.webRequest.onBeforeRequest((details, callback) => {
    callback({ cancel: !isLoadable(details.url, packaged) });
  });
}

/**
 * Keeps a window where it is: no navigation, no redirect, no second window, no webview. A link to one of the listed
 * sites opens in the system's browser.
 */
export function lockContents(contents: WebContents, openExternal: (url: string) => void): void {
  contents.on('will-navigate', (event) => {
    event.preventDefault();
  });
  contents.on('will-frame-navigate', (event) => {
    event.preventDefault();
  });
  contents.on('will-redirect', (event) => {
    event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => {
    event.preventDefault();
  });
  contents.setWindowOpenHandler(({ url }) => {
    if (isAllowedExternal(url)) openExternal(url);
    return { action: 'deny' };
  });
}
