// Imports go downwards only: apps -> adapters -> pure libs (docs/architecture.md).
const PURE = '^libs/(events|contact-center|metrics|wait-estimates|staffing|callbacks|live)/';
// The contract of the frames is pure; its bus adapters, beside it, are not all.
const BUS_ADAPTER = '^libs/live/src/[a-z-]+-bus\\.ts$';
const TEST = '\\.(spec|testing)\\.ts$|/contract\\.ts$';
// Beside no running server, an import opens the data directory and runs a processor until it has caught up.
const IMPORT = '^apps/simulator/src/import';
const IO =
  '^(node:)?(fs|net|http|https|http2|tls|dgram|dns|child_process|cluster|worker_threads|os|process|timers|readline|repl)(/|$)';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one idea, or a third one is missing.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'pure-libs-have-no-frameworks',
      comment:
        'The core is pure: no Nest, no Kafka, no ClickHouse, no database, no socket. Pass what it needs as arguments.',
      severity: 'error',
      from: { path: PURE, pathNot: [BUS_ADAPTER, TEST] },
      to: {
        path: '^node_modules/(@nestjs|@clickhouse|kafkajs|chdb|lmdb|express|socket\\.io|socket\\.io-client|prom-client|jose|rxjs|yaml)(/|$)',
      },
    },
    {
      name: 'pure-libs-do-no-io',
      comment: 'The core is pure: no files, no network, no processes, no timers. An adapter or an app does that.',
      severity: 'error',
      from: { path: PURE, pathNot: TEST },
      to: { dependencyTypes: ['core'], path: IO },
    },
    {
      name: 'pure-libs-import-pure-libs-only',
      comment: 'A pure lib that imports an adapter is not pure any more.',
      severity: 'error',
      from: { path: PURE, pathNot: [BUS_ADAPTER, TEST] },
      to: { path: '^libs/', pathNot: PURE },
    },
    {
      name: 'libs-never-import-apps',
      comment: 'Imports go downwards only.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^(apps|tests)/' },
    },
    {
      name: 'apps-do-not-import-each-other',
      comment: 'Only apps/queuecast composes the roles.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: ['^apps/queuecast/', IMPORT, TEST] },
      to: { path: '^apps/', pathNot: ['^apps/$1/'] },
    },
    {
      name: 'import-runs-a-processor-only',
      comment: 'Beside no running server an import runs a processor itself; it needs no other app.',
      severity: 'error',
      from: { path: IMPORT, pathNot: TEST },
      to: { path: '^apps/', pathNot: '^apps/(simulator|processor)/' },
    },
    {
      name: 'queuecast-composes-roles-only',
      comment: 'apps/queuecast imports collector, processor, gateway and simulator; pages are built, not imported.',
      severity: 'error',
      from: { path: '^apps/queuecast/', pathNot: TEST },
      to: { path: '^apps/', pathNot: '^apps/(queuecast|collector|processor|gateway|simulator)/' },
    },
    {
      name: 'pages-take-types-only',
      comment: 'The browser bundle holds no server code: type-only imports of the frame protocol.',
      severity: 'error',
      from: { path: '^apps/web/src/' },
      to: { path: '^(libs|apps)/', pathNot: '^apps/web/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-tests-in-production',
      comment: 'What runs in production imports no test and no development dependency.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [TEST, '^apps/web/', '\\.config\\.ts$'] },
      to: { path: [TEST, '^tests/'] },
    },
    {
      name: 'no-dev-dependency-in-production',
      comment: 'A package that runs in production stands in "dependencies".',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [TEST, '^apps/web/', '\\.config\\.ts$'] },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-unresolvable',
      comment: 'An import that leads nowhere, or that reaches into another lib past its index.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: '^node_modules/' },
    exclude: { path: '^(dist|data|coverage)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Also imports of types only: a contract must not depend on an adapter's types either.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
