import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { elementBundle } from './element-bundle.js';
import { preview } from './dev/preview.js';

const here = dirname(fileURLToPath(import.meta.url));

export default defineConfig(({ command }) => ({
  root: here,
  plugins: [elementBundle(), ...(command === 'serve' ? [preview()] : [])],
  build: {
    outDir: resolve(here, '../../dist/web'),
    emptyOutDir: true,
    // The gateway's policy is default-src 'self': a data: URL would be refused.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { public: resolve(here, 'index.html'), wallboard: resolve(here, 'wallboard.html') },
    },
  },
}));
