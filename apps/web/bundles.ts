import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';

const here = dirname(fileURLToPath(import.meta.url));

/** What is loaded from elsewhere than the pages: by other websites, and by the gateway. Bundled into one file each. */
const SCRIPTS = {
  // Classic rather than a module, because a module from another origin would need CORS headers on the script and a
  // classic script does not.
  'element/queue-wait.js': { entry: 'src/element/main.ts', format: 'iife' },
  'client/queuecast.js': { entry: '../../libs/client/src/index.ts', format: 'es' },
  // What the gateway renders the public pages with: pure functions, which need nothing else.
  'server/page.mjs': { entry: 'src/public/server.ts', format: 'es' },
} as const;

/** @returns the minified source text */
const bundle = async (fileName: keyof typeof SCRIPTS): Promise<string> => {
  const { entry, format } = SCRIPTS[fileName];
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
      // For older ones light-dark() would be rewritten into something that works only beside a `color-scheme` of one's own,
      // and the element follows its page's. Those show it in the page's colours.
      cssTarget: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
      lib: { entry: resolve(here, entry), formats: [format], name: 'Queuecast', fileName: () => fileName },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  for (const output of outputs) {
    if (!('output' in output)) continue;
    if (output.output.length !== 1)
      throw new Error(
        `${fileName} must be one file, but the build made ${output.output.map((file) => file.fileName).join(', ')}`,
      );
    const chunk = output.output[0];
    if (chunk.type === 'chunk') return chunk.code;
  }
  throw new Error(`the build of ${entry} gave no script`);
};

/** Bundles `<queue-wait>` into one classic script that any page can include. */
export const bundleElement = (): Promise<string> => bundle('element/queue-wait.js');

/** Bundles what renders the public pages. */
export const bundlePages = (): Promise<string> => bundle('server/page.mjs');

/** Adds the scripts for other websites and for the gateway to the pages' build, and serves the element from source in development. */
export const bundles = (): Plugin => ({
  name: 'queuecast-bundles',
  async generateBundle() {
    for (const fileName of Object.keys(SCRIPTS) as (keyof typeof SCRIPTS)[])
      this.emitFile({ type: 'asset', fileName, source: await bundle(fileName) });
  },
  configureServer(server) {
    server.middlewares.use('/element/queue-wait.js', (_request, response) => {
      response.setHeader('content-type', 'text/javascript');
      response.end('import("/src/element/main.ts");');
    });
  },
});
