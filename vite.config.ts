import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * The interface as static files. The paths are relative, so that the same build is shown at `app://ui/` and by
 * `larder serve`. Nothing is inlined: the content security policy allows only files from the same origin.
 */
export default defineConfig({
  root: here('./renderer'),
  base: './',
  plugins: [react()],
  build: {
    outDir: here('./dist/renderer'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    // One page that is read from the local disk or the local network: a second round trip costs more than it saves.
    chunkSizeWarningLimit: 1_200,
  },
  server: { host: '127.0.0.1', strictPort: true },
});
