import { createBridgeTransport, createClient, type Bridge, type Host } from '../../shared/client/index.ts';
import type { Services } from '../data/index.ts';

declare global {
  interface Window {
    /** Put there by the desktop shell's preload; absent in a browser. */
    readonly larder?: Bridge;
  }
}

/** The services of the desktop shell, over its one frozen bridge. */
export function desktopServices(bridge: Bridge): Services {
  const host: Host = {
    kind: 'desktop',
    pickFolder: (options) => bridge.host.pickFolder(options),
    pickFile: (options) => bridge.host.pickFile(options),
    revealPath: (path) => bridge.host.revealPath(path),
    onMenuAction: (listener) => bridge.host.onMenuAction(listener),
  };
  return { client: createClient(createBridgeTransport(bridge)), host };
}
