import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { check, environmentSettings, settingsSchema } from '@queuecast/settings';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { LANES } from '../libs/store/src/lanes.js';

const deploy = resolve(import.meta.dirname, '../deploy');
const example = join(deploy, 'queuecast.example.yaml');
const keysOf = (file: string) => check({ file, environment: {} }).unsetKeys.map(({ env }) => env);
const known = new Set([
  'QUEUECAST_CONFIG',
  settingsSchema.parse({}).secretEnv,
  ...environmentSettings().map(({ env }) => env),
  ...keysOf(example),
]);

const environment = z.record(z.string(), z.string());
const serviceSchema = z.looseObject({
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.unknown()).optional(),
  volumes: z.array(z.string()).optional(),
});

describe('the example settings', () => {
  it('are settings that the server takes', () => {
    const { settings } = check({ file: example, environment: {} });
    expect(settings.tenants.flatMap(({ queues }) => queues.map(({ id }) => id))).toEqual([
      'claims',
      'roadside',
      'back-office',
    ]);
  });
});

describe('the image', () => {
  const root = resolve(deploy, '..');
  const ignored = readFileSync(join(root, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const { include, exclude } = z
    .looseObject({ include: z.array(z.string()), exclude: z.array(z.string()) })
    .parse(JSON.parse(readFileSync(join(root, 'tsconfig.build.json'), 'utf8')));

  it('is built from a context that holds all that the build compiles', () => {
    const compiled = include
      // A pattern adds other files of these folders.
      .filter((folder) => !folder.includes('*'))
      .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8', withFileTypes: true }))
      .filter((entry) => entry.isFile() && /(?<!\.spec)\.ts$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => !exclude.some((folder) => relative(root, file).startsWith(`${folder}/`)));
    const imported = compiled.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)].map((match) =>
        relative(root, resolve(dirname(file), match[1]!)),
      ),
    );
    expect(imported).toContain('deploy/kafka-local/kafka.mjs');
    const missing = imported.filter((path) => ignored.some((entry) => path === entry || path.startsWith(`${entry}/`)));
    expect(missing).toEqual([]);
  });

  it('gives the engine threads enough for every lane', () => {
    const [, size] = /UV_THREADPOOL_SIZE=(\d+)/.exec(readFileSync(join(deploy, 'Dockerfile'), 'utf8')) ?? [];
    const lanes = Object.values(LANES).reduce((sum, { width }) => sum + width, 0);
    expect(Number(size)).toBeGreaterThan(2 * lanes);
  });
});

describe('the compose file', () => {
  const { services } = z
    .looseObject({ services: z.record(z.string(), serviceSchema) })
    .parse(parse(readFileSync(join(deploy, 'compose.yaml'), 'utf8'), { merge: true }));

  it.each(['collector', 'processor', 'gateway'])(
    'runs the %s with variables that exist and keys that it needs',
    (role) => {
      const service = services[role];
      expect(service?.command).toEqual(['node', `dist/apps/${role}/src/main.js`]);
      const names = Object.keys(service?.environment ?? {});
      for (const name of names) expect(known).toContain(name);
      for (const name of keysOf(example)) expect(names).toContain(name);
    },
  );
});

describe('the Kubernetes manifests', () => {
  const folder = join(deploy, 'kubernetes');
  const files = readdirSync(folder).filter((file) => file !== 'kustomization.yaml');
  const documents = files.flatMap((file) => {
    const parsed = parseAllDocuments(readFileSync(join(folder, file), 'utf8'));
    if (!Array.isArray(parsed)) throw new Error(`${file} is empty`);
    for (const { errors } of parsed) if (errors[0]) throw errors[0];
    return parsed.map((document) => z.looseObject({ kind: z.string() }).parse(document.toJS()));
  });
  const ofKind = <Schema extends z.ZodType>(kind: string, schema: Schema): z.output<Schema>[] =>
    documents.filter((document) => document.kind === kind).map((document) => schema.parse(document));

  it('are listed in the kustomization, all of them', () => {
    const { resources } = z
      .looseObject({ resources: z.array(z.string()) })
      .parse(parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')));
    expect(resources.toSorted()).toEqual(files.toSorted());
  });

  it('set variables that exist, and every key that the settings in them name', () => {
    const [config] = ofKind('ConfigMap', z.looseObject({ data: environment }));
    const [secret] = ofKind('Secret', z.looseObject({ stringData: environment }));
    const { 'queuecast.yaml': yaml, ...variables } = config!.data;
    const settings = settingsSchema.parse(parse(yaml!));
    const needed = settings.tenants.flatMap(({ apiKeys }) => apiKeys.flatMap(({ env }) => env ?? []));
    expect(needed.length).toBeGreaterThan(0);
    for (const name of needed) expect(Object.keys(secret!.stringData)).toContain(name);
    for (const name of [...Object.keys(variables), ...Object.keys(secret!.stringData)])
      expect([...known, ...needed]).toContain(name);
  });

  it('run one role each, probe paths that are served, and keep service variables out of the environment', () => {
    const probe = z.looseObject({ httpGet: z.looseObject({ path: z.enum(['/health', '/ready']) }) });
    const container = z.looseObject({
      name: z.enum(['collector', 'processor', 'gateway']),
      command: z.array(z.string()),
      livenessProbe: probe,
      readinessProbe: probe,
    });
    const pod = z.looseObject({ enableServiceLinks: z.literal(false), containers: z.tuple([container]) });
    const deployments = ofKind(
      'Deployment',
      z.looseObject({ spec: z.looseObject({ template: z.looseObject({ spec: pod }) }) }),
    );
    const containers = deployments.map(({ spec }) => spec.template.spec.containers[0]);
    expect(containers.map(({ name }) => name).toSorted()).toEqual(['collector', 'gateway', 'processor']);
    for (const { name, command, livenessProbe } of containers) {
      expect(command).toEqual(['node', `dist/apps/${name}/src/main.js`]);
      expect(livenessProbe.httpGet.path).toBe('/health');
    }
  });
});
