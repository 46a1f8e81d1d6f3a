import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedLog, type EmbeddedLog, type StoredRecord } from '@queuecast/event-log';
import { createHttpApp, Metrics, OperationsModule, Readiness } from '@queuecast/http';
import { settingsSchema } from '@queuecast/settings';
import { Module } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { z } from 'zod';
import { CollectorModule } from './collector.module.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export const KEY = 'acme-ingest-key';
export const REPORTS_KEY = 'acme-reports-key';
/** Of a tenant that wants links to places in line. */
export const OTHER_KEY = 'globex-ingest-key';
export const SECRET = new TextEncoder().encode('the secret of the collector tests, long enough');

const tenants: z.input<typeof settingsSchema>['tenants'] = [
  {
    id: 'acme',
    apiKeys: [
      { name: 'acd', sha256: sha256(KEY) },
      { name: 'analyst', sha256: sha256(REPORTS_KEY), scopes: ['reports'] },
    ],
  },
  {
    id: 'globex',
    queues: [{ id: 'claims' }],
    callbacks: { placeLinks: true },
    apiKeys: [{ name: 'acd', sha256: sha256(OTHER_KEY) }],
  },
];

/** A collector over a real embedded log, listening on a free port. */
export interface RunningCollector {
  readonly url: string;
  readonly port: number;
  readonly log: EmbeddedLog;
  readonly app: NestExpressApplication;
  /** Everything in the log, per partition in order. */
  stored(): Promise<StoredRecord[]>;
  /** The value of a Prometheus sample, for instance `queuecast_events_rejected_total{reason="schema"}`; 0 if absent. */
  sample(name: string): Promise<number>;
  stop(): Promise<void>;
}

export const startCollector = async (
  ingest: Partial<z.input<typeof settingsSchema>['ingest'] & object> = {},
): Promise<RunningCollector> => {
  const directory = await mkdtemp(join(tmpdir(), 'queuecast-collector-'));
  const log = await openEmbeddedLog({ directory, name: 'events', partitions: 2 });
  const metrics = new Metrics({ processMetrics: false });
  const readiness = new Readiness();
  const settings = settingsSchema.parse({ tenants, ingest });

  @Module({
    imports: [
      CollectorModule.register({ settings, events: log, secret: SECRET, metrics, readiness }),
      OperationsModule.register({ metrics, readiness }),
    ],
  })
  class Root {}

  const app = await createHttpApp(Root);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    log,
    app,
    stored: () => readAll(log),
    sample: async (name) => {
      const lines = (await metrics.registry.metrics()).split('\n');
      return Number(lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? 0);
    },
    stop: async () => {
      await app.close();
      await log.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
};

let readings = 0;

const readAll = async (log: EmbeddedLog): Promise<StoredRecord[]> => {
  const { partitions } = await log.identity();
  const records: StoredRecord[] = [];
  const remaining = new Set(Array.from({ length: partitions }, (_, partition) => partition));
  // An empty partition delivers nothing: its key is known only from what was appended, so a marker ends each of them.
  const markers = await Promise.all([...remaining].map((partition) => markerFor(log, partition)));
  await log.append(markers.map((key) => ({ key, value: Buffer.from('end') })));
  let done!: () => void;
  const finished = new Promise<void>((resolve) => (done = resolve));
  const reader = await log.read(`test-${++readings}`, {
    assigned: async () => {},
    revoked: async () => {},
    batch: async ({ partition, records: batch }) => {
      for (const record of batch)
        if (record.key !== null && markers.includes(record.key)) {
          if (record.offset === batch.at(-1)!.offset) remaining.delete(partition);
        } else records.push(record);
      if (remaining.size === 0) done();
    },
  });
  await finished;
  await reader.close();
  return records;
};

const markerFor = async (log: EmbeddedLog, partition: number): Promise<string> => {
  for (let n = 0; ; n++) if ((await log.partitionOf(`marker-${n}`)) === partition) return `marker-${n}`;
};

let ids = 0;

/** A valid event of tenant acme, with what is to be different. */
export const event = (overrides: Record<string, unknown> = {}): Record<string, unknown> => ({
  specversion: '1.0',
  id: `e-${++ids}`,
  source: '/acd/test',
  type: 'acd.contact.started',
  time: new Date().toISOString(),
  subject: 'contact-1',
  tenant: 'acme',
  site: 'main',
  data: { channel: 'voice' },
  ...overrides,
});

export interface Answered {
  readonly status: number;
  readonly type: string | null;
  readonly headers: Headers;
  readonly body: {
    readonly accepted?: number;
    readonly rejected?: number;
    readonly status?: number;
    readonly title?: string;
    readonly detail?: string;
    readonly places?: readonly Readonly<Record<string, unknown>>[];
    readonly results?: readonly {
      readonly index: number;
      readonly line?: number;
      readonly id: string | null;
      readonly status: string;
      readonly issues?: readonly { readonly field: string; readonly message: string }[];
    }[];
  };
}

/** Posts to `/v1/events` with the key of acme. */
export const send = async (
  collector: RunningCollector,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Answered> => {
  const response = await fetch(`${collector.url}/v1/events`, {
    method: 'POST',
    body: body as NonNullable<RequestInit['body']>,
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${KEY}`, ...headers },
  });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    headers: response.headers,
    body: (await response.json()) as Answered['body'],
  };
};
