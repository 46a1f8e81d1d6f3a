import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { bundles } from './bundles.js';
import { preview } from './dev/preview.js';

const here = dirname(fileURLToPath(import.meta.url));

export default defineConfig(({ command }) => ({
  root: here,
  plugins: [bundles(), ...(command === 'serve' ? [preview()] : [])],
  build: {
    outDir: resolve(here, '../../dist/web'),
    emptyOutDir: true,
    // The gateway's policy is default-src 'self': a data: URL would be refused.
    assetsInlineLimit: 0,
    // Every browser that shows the pages knows it.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { public: resolve(here, 'page.html'), wallboard: resolve(here, 'wallboard.html') },
    },
  },
}));
