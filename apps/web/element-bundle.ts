import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';

const here = dirname(fileURLToPath(import.meta.url));

/**
 * Bundles `<queue-wait>` into one classic script that any page can include. Classic rather than a module, because a
 * module from another origin would need CORS headers on the script and a classic script does not.
 *
 * @returns the minified source text
 */
export const bundleElement = async (): Promise<string> => {
  const result = await build({
    configFile: false,
    root: here,
    logLevel: 'warn',
    publicDir: false,
    // A library build keeps `process.env.NODE_ENV` otherwise, which does not exist in a page.
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      minify: true,
      lib: {
        entry: resolve(here, 'src/element/main.ts'),
        formats: ['iife'],
        name: 'QueuecastElement',
        fileName: () => 'queue-wait.js',
      },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  for (const output of outputs) {
    if (!('output' in output)) continue;
    if (output.output.length !== 1)
      throw new Error(
        `the element must be one file, but the build made ${output.output.map((file) => file.fileName).join(', ')}`,
      );
    const chunk = output.output[0];
    if (chunk.type === 'chunk') return chunk.code;
  }
  throw new Error('the build of src/element/main.ts gave no script');
};

/** Adds `element/queue-wait.js` to the pages' build, and serves it from source in development. */
export const elementBundle = (): Plugin => ({
  name: 'queuecast-element',
  async generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'element/queue-wait.js', source: await bundleElement() });
  },
  configureServer(server) {
    server.middlewares.use('/element/queue-wait.js', (_request, response) => {
      response.setHeader('content-type', 'text/javascript');
      response.end('import("/src/element/main.ts");');
    });
  },
});
