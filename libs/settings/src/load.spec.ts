import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Catalog } from './catalog.js';
import { check, load, type LoadOptions } from './load.js';
import { SettingsError } from './problems.js';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'queuecast-settings-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const write = (yaml: string): string => {
  const file = join(directory, 'queuecast.yaml');
  writeFileSync(file, yaml);
  return file;
};
const problemsOf = (options: LoadOptions): string[] => {
  try {
    load(options);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.map((line) => line.replaceAll(`${directory}/`, ''));
    throw error;
  }
  return [];
};
const problemsIn = (yaml: string, environment: Record<string, string> = {}) =>
  problemsOf({ file: write(yaml), environment });

describe('settings', () => {
  it('are all defaults without a file and an environment', () => {
    const settings = load({ environment: {}, file: write('') });
    expect(settings.server).toMatchObject({ port: 8080, host: '127.0.0.1' });
    expect(settings.dataDir).toBe('./data');
    expect(settings.kafka.brokers).toEqual([]);
    expect(settings.clickhouse.url).toBeUndefined();
    expect(settings.secret).toBeNull();
  });

  it('are read from the file that QUEUECAST_CONFIG names', () => {
    const file = write('server: { port: 9000 }');
    expect(load({ environment: { QUEUECAST_CONFIG: file } })).toMatchObject({ file, server: { port: 9000 } });
  });

  it('let the environment win over the file', () => {
    const file = write('server: { port: 9000, host: 0.0.0.0 }\nkafka: { topicPrefix: acd }');
    const environment = {
      QUEUECAST_PORT: '0',
      QUEUECAST_HOST: '::1',
      QUEUECAST_DATA_DIR: '/srv/queuecast',
      QUEUECAST_KAFKA_BROKERS: 'kafka-1:9092, kafka-2:9092',
      QUEUECAST_CLICKHOUSE_URL: 'http://writer:pass@ch:8123/acd',
    };
    const settings = load({ file, environment });
    expect(settings.server).toMatchObject({ port: 0, host: '::1' });
    expect(settings.dataDir).toBe('/srv/queuecast');
    expect(settings.kafka).toMatchObject({ brokers: ['kafka-1:9092', 'kafka-2:9092'], topicPrefix: 'acd' });
    expect(settings.clickhouse.url).toBe('http://writer:pass@ch:8123/acd');
  });

  it('take an empty variable as absent', () => {
    expect(load({ file: write('server: { port: 9000 }'), environment: { QUEUECAST_PORT: '' } }).server.port).toBe(9000);
  });

  it('resolve API keys and the signing secret from the variables they name', () => {
    const yaml = `
secretEnv: SIGNING
tenants:
  - id: acme
    apiKeys: [{ name: pbx, env: PBX_KEY, scopes: [ingest, reports] }]
`;
    const settings = load({ file: write(yaml), environment: { PBX_KEY: 'open sesame', SIGNING: 's'.repeat(32) } });
    expect(settings.tenants[0]!.apiKeys[0]!.sha256).toBe(createHash('sha256').update('open sesame').digest('hex'));
    expect(settings.secret).toBe('s'.repeat(32));
    expect(problemsIn(yaml, { SIGNING: 'short' })).toEqual([
      'queuecast.yaml:5:33 tenants[0].apiKeys[0].env: environment variable PBX_KEY is not set',
      'SIGNING: must have at least 32 characters: openssl rand -hex 32',
    ]);
    expect(check({ file: write(yaml), environment: {} }).unsetKeys.map(({ env }) => env)).toEqual(['PBX_KEY']);
  });
});

describe('a problem with the settings', () => {
  it('is named with file, line, column, path and what would be right, all at once', () => {
    const yaml = `server:
  port: eighty
tenants:
  - id: acme
    timezone: Europe/Brussels
    queues:
      - id: 100
        thresholdSeconds: -1
        target: 80
        public: yes
        businessDayStart: 4am
        hours:
          mon: [08:00-12:00, 11:30-17:00]
          tues: [08:00-12:00]
          wed: [22:00-06:00]
        holidays: [25/12/2026]
      - name: Sales
`;
    expect(problemsIn(yaml)).toEqual([
      'queuecast.yaml:2:9 server.port: must be a whole number from 0 to 65535, not "eighty"',
      'queuecast.yaml:5:5 tenants[0].timezone: is not a setting: did you mean timeZone?',
      'queuecast.yaml:7:13 tenants[0].queues[0].id: must be text, not 100: put it in quotes',
      'queuecast.yaml:8:27 tenants[0].queues[0].thresholdSeconds: must be a whole number from 0 to 4000000, not -1',
      'queuecast.yaml:9:17 tenants[0].queues[0].target: must be a number from 0 to 1, not 80',
      'queuecast.yaml:10:17 tenants[0].queues[0].public: must be true or false, not "yes"',
      'queuecast.yaml:11:27 tenants[0].queues[0].businessDayStart: must be a time of day like 04:00, not "4am"',
      'queuecast.yaml:13:30 tenants[0].queues[0].hours.mon[1]: must not overlap 08:00-12:00: join the two, or move one',
      'queuecast.yaml:14:11 tenants[0].queues[0].hours.tues: is not a setting: did you mean tue?',
      'queuecast.yaml:15:17 tenants[0].queues[0].hours.wed[0]: must end after it begins: write a night as 22:00-24:00 on one day and 00:00-06:00 on the next, not "22:00-06:00"',
      'queuecast.yaml:16:20 tenants[0].queues[0].holidays[0]: must be a date like 2026-12-25, not "25/12/2026"',
      'queuecast.yaml:17:9 tenants[0].queues[1].id: is missing: must be text',
    ]);
  });

  it('may be names and hours that take too much of a public document', () => {
    const name = `{ en: ${'x'.repeat(300)}, fr: ${'é'.repeat(240)} }`;
    const yaml = `tenants:
  - id: acme
    queues:
      - { id: sales, public: true, name: ${name}, hours: { mon: [08:00-12:00, 13:00-17:00] } }
      - { id: help, public: false, name: ${name} }
`;
    expect(problemsIn(yaml)).toEqual([
      expect.stringMatching(
        /^queuecast.yaml:4:\d+ tenants\[0\].queues\[0\].name: takes 10\d\d bytes together with the hours, of 1024 that a public queue may: shorten the names/,
      ),
    ]);
  });

  it('may be a tenant, a queue or a key that is there twice', () => {
    const sha256 = 'ab'.repeat(32);
    const yaml = `tenants:
  - id: acme
    queues: [{ id: sales }, { id: help }, { id: sales }]
    apiKeys: [{ name: pbx, sha256: ${sha256} }, { name: pbx, sha256: ${'cd'.repeat(32)} }]
  - id: acme
    apiKeys: [{ name: other, sha256: ${sha256} }]
`;
    expect(problemsIn(yaml)).toEqual([
      'queuecast.yaml:3:49 tenants[0].queues[2].id: must be unique in its tenant: tenants[0].queues[0].id has it too',
      'queuecast.yaml:4:112 tenants[0].apiKeys[1].name: must be unique in its tenant: tenants[0].apiKeys[0].name has it too',
      'queuecast.yaml:5:9 tenants[1].id: must be unique: tenants[0].id has it too',
      'queuecast.yaml:6:38 tenants[1].apiKeys[0].sha256: must be unique over all tenants: tenants[0].apiKeys[0].sha256 has it too',
    ]);
  });

  it('may be a key that two variables hold', () => {
    const yaml = 'tenants: [{ id: a, apiKeys: [{ name: k, env: K1 }] }, { id: b, apiKeys: [{ name: k, env: K2 }] }]';
    expect(problemsIn(yaml, { K1: 'same', K2: 'same' })).toHaveLength(1);
    expect(problemsIn(yaml, { K1: 'one', K2: 'two' })).toEqual([]);
  });

  it('may be a limit that does not fit another', () => {
    expect(problemsIn('ingest:\n  maxBodyBytes: 2000\nprocessor:\n  sourceSilentSeconds: 10\n')).toEqual([
      'queuecast.yaml:2:17 ingest.maxBodyBytes: must be at least ingest.maxEventBytes (65536): a request holds a whole event',
      'queuecast.yaml:4:24 processor.sourceSilentSeconds: must be at least processor.sourceQuietSeconds (30)',
    ]);
  });

  it('may be in the environment, and is named by the variable', () => {
    expect(problemsIn('', { QUEUECAST_PORT: '80800', QUEUECAST_KAFKA_BROKERS: 'kafka' })).toEqual([
      'QUEUECAST_PORT (server.port): must be a whole number from 0 to 65535, not 80800',
      'QUEUECAST_KAFKA_BROKERS (kafka.brokers[0]): must be host:port, like kafka-1:9092, not "kafka"',
    ]);
    expect(problemsIn('', { QUEUECAST_PORT: 'tcp://10.0.0.1:8080' })[0]).toContain('enableServiceLinks: false');
  });

  it('does not repeat a password', () => {
    const [problem] = problemsIn('', { QUEUECAST_CLICKHOUSE_URL: 'ftp://writer:hunter2@ch' });
    expect(problem).toContain('must be a URL like');
    expect(problem).not.toContain('hunter2');
  });

  it('is told where the file is not YAML, or repeats a key, or cannot be read', () => {
    expect(problemsIn('server:\n  port: [1\n')[0]).toMatch(/^queuecast\.yaml:\d+:\d+ /);
    expect(problemsIn('dataDir: a\ndataDir: b\n')).toEqual(['queuecast.yaml:2:1 Map keys must be unique']);
    expect(problemsOf({ environment: { QUEUECAST_CONFIG: join(directory, 'absent.yaml') } })[0]).toMatch(
      /^QUEUECAST_CONFIG: cannot read absent\.yaml: ENOENT/,
    );
    expect(problemsIn('- a list\n')).toHaveLength(1);
    expect(problemsIn('tenants: { id: acme }\n')).toEqual([
      expect.stringMatching(/^queuecast\.yaml:1:10 tenants: must be a list .*, not a group$/),
    ]);
  });

  it('is a problem told, whatever the file holds', () => {
    const known = fc.constantFrom(
      'server',
      'port',
      'tenants',
      'queues',
      'hours',
      'id',
      'apiKeys',
      'ingest',
      'kafka',
      'x',
    );
    const { document } = fc.letrec<{ document: unknown }>((tie) => ({
      document: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom(null, '', 'always', 0, -1, 1e99, true, '08:00-09:00'),
        fc.dictionary(known, tie('document')),
        fc.array(tie('document'), { maxLength: 3 }),
      ),
    }));
    fc.assert(
      fc.property(document, (value) => {
        for (const problem of problemsIn(JSON.stringify(value))) expect(problem).toMatch(/^queuecast\.yaml:\d+:\d+ \S/);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the catalog', () => {
  const yaml = `tenants:
  - id: acme
    name: Acme
    timeZone: Europe/Brussels
    queues:
      - { id: sales, name: { en: Sales, fr: Ventes }, public: true, thresholdSeconds: 20 }
      - { id: help, name: Help, timeZone: Asia/Kolkata }
`;

  it('resolves names and zones of configured queues', () => {
    const catalog = new Catalog(load({ file: write(yaml), environment: {} }));
    expect(catalog.queue('acme', 'sales')).toMatchObject({
      name: { en: 'Sales', fr: 'Ventes' },
      timeZone: 'Europe/Brussels',
      thresholdSeconds: 20,
      public: true,
      configured: true,
    });
    expect(catalog.queue('acme', 'help')).toMatchObject({ name: { en: 'Help' }, timeZone: 'Asia/Kolkata' });
    expect(catalog.queues('acme').map(({ id }) => id)).toEqual(['sales', 'help']);
    expect(catalog.tenantName('acme')).toBe('Acme');
  });

  it('gives the defaults to a queue that only events name, and never makes it public', () => {
    const catalog = new Catalog(load({ file: write(yaml), environment: {} }));
    expect(catalog.queue('acme', 'new queue', 'north')).toMatchObject({
      id: 'new queue',
      site: 'north',
      name: { en: 'new queue' },
      timeZone: 'Europe/Brussels',
      thresholdSeconds: 150,
      public: false,
      configured: false,
    });
    expect(catalog.queue('nobody', 'x')).toMatchObject({ timeZone: 'UTC', public: false });
    expect(catalog.queues('nobody')).toEqual([]);
    expect(catalog.tenant('constructor')).toBeUndefined();
  });
});
