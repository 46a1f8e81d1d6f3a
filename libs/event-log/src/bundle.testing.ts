import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Bundles a TypeScript file so that plain Node can run it as a process of its own: some promises can only be tested
 * by killing a process. Inside node_modules, where its packages are found.
 */
export const bundle = async (entry: URL): Promise<{ readonly file: string; remove(): void }> => {
  const cache = join(root, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const directory = mkdtempSync(join(cache, 'queuecast-'));
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    resolve: { tsconfigPaths: true },
    build: {
      ssr: fileURLToPath(entry),
      outDir: directory,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: 'main.mjs' } },
    },
  });
  return { file: join(directory, 'main.mjs'), remove: () => rmSync(directory, { recursive: true, force: true }) };
};
