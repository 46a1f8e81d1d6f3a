import type { NestExpressApplication } from '@nestjs/platform-express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCollector, type RunningCollector } from '../apps/collector/src/collector.testing.js';
import { RunningGateway } from '../apps/gateway/src/gateway.testing.js';

/** Not for programs: pages and what they load, signing in and asking beforehand by a browser, and the process itself. */
const UNDESCRIBED = [
  'GET /',
  'GET /assets/*path',
  'GET /callbacks/:token',
  'GET /callbacks/:token/cancel',
  'GET /callbacks/:token/move',
  'GET /client/queuecast.js',
  'GET /favicon.svg',
  'GET /health',
  'GET /login',
  'GET /metrics',
  'GET /ready',
  'GET /t/:tenant',
  'GET /t/:tenant/callbacks',
  'GET /wallboard',
  'OPTIONS /public/v1/*path',
  'POST /callbacks/:token/cancel',
  'POST /callbacks/:token/move',
  'POST /logout',
  'POST /t/:tenant/callbacks',
];
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

interface Answer {
  readonly description?: string;
  readonly content?: Record<string, { readonly schema?: object }>;
}
interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content?: Record<string, { readonly schema?: object }> };
  readonly responses?: Record<string, Answer>;
}
interface OpenApi {
  readonly paths: Record<string, Record<string, Operation>>;
}

/** Method and path of every route that the application answers, as Express knows them. */
const routesOf = (app: NestExpressApplication): string[] => {
  const { router } = app.getHttpAdapter().getInstance() as unknown as {
    readonly router: {
      readonly stack: readonly {
        readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
      }[];
    };
  };
  return router.stack
    .flatMap(({ route }) =>
      route ? Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path}`) : [],
    )
    .filter((route) => !/^\w+ \/docs\b/.test(route));
};

const described = ({ paths }: OpenApi): (readonly [route: string, operation: Operation])[] =>
  Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([method]) => METHODS.includes(method))
      .map(
        ([method, operation]) => [`${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`, operation] as const,
      ),
  );

describe('the OpenAPI description', () => {
  let gateway: RunningGateway;
  let collector: RunningCollector;
  let roles: { readonly app: NestExpressApplication; readonly document: OpenApi }[];

  beforeAll(async () => {
    [gateway, collector] = await Promise.all([RunningGateway.start(), startCollector()]);
    roles = await Promise.all(
      [gateway, collector].map(async ({ app, url }) => ({
        app,
        document: (await (await fetch(`${url}/docs-json`)).json()) as OpenApi,
      })),
    );
  });
  afterAll(() => Promise.all([gateway.stop(), collector.stop()]));

  it('has every route that is served for programs, and none that is not served', () => {
    const served = new Set(roles.flatMap(({ app }) => routesOf(app)));
    const told = new Set(roles.flatMap(({ document }) => described(document).map(([route]) => route)));
    expect([...served].filter((route) => !told.has(route)).sort()).toEqual(UNDESCRIBED);
    expect([...told].filter((route) => !served.has(route))).toEqual([]);
  });

  it('says of each what it is for, what is in its path, what it takes and what it answers', () => {
    const all = roles.flatMap(({ document }) => described(document));
    for (const [route, { summary, parameters = [], requestBody }] of all) {
      expect(summary, route).toMatch(/\S/);
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      expect(inPath, route).toEqual([...route.matchAll(/:(\w+)/g)].map(([, name]) => name));
      if (/^(PUT|PATCH) /.test(route)) expect(requestBody, route).toBeDefined();
      for (const { schema } of Object.values(requestBody?.content ?? {})) expect(schema, route).toBeDefined();
    }
    const success = ({ responses = {} }: Operation) =>
      Object.entries(responses).find(([status]) => status.startsWith('20'))?.[1];
    expect(all.filter(([, operation]) => !success(operation)?.description).map(([route]) => route)).toEqual([]);
    const schemaless = all.filter(
      ([route, operation]) =>
        route.startsWith('GET /public/') && !success(operation)?.content?.['application/json']?.schema,
    );
    expect(schemaless.map(([route]) => route)).toEqual([]);
  });
});
