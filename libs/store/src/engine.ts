import {
  ClickHouseLogLevel,
  createClient,
  type ClickHouseClient,
  type ClickHouseClientConfigOptions,
} from '@clickhouse/client';
import { allowBulkInserts } from './bulk-inserts.js';
import type { LaneName } from './errors.js';
import { LANES } from './lanes.js';

/** The engine in this process, on a data directory that no other process may use meanwhile. */
export interface EmbeddedEngine {
  readonly kind: 'embedded';
  readonly directory: string;
}

/** A ClickHouse server or cluster. */
export interface ServerEngine {
  readonly kind: 'server';
  /** `http(s)://user:password@host:8123/database`. */
  readonly url: string;
  /**
   * Milliseconds after which an unanswered request of the lanes that are waited for (writes, the wallboard's, what is read
   * back) counts as lost and the store as away; the lane's limit and a margin if absent.
   */
  readonly requestTimeoutMs?: number;
}

export type Engine = EmbeddedEngine | ServerEngine;

/** Time the server's own limit gets to answer before the client gives up, so that the reason is the server's. */
const ANSWER_MARGIN_MS = 10_000;

/** Rows that are encoded already pass as they are: the client's own encoding takes twice as long, and all at once. */
const json: NonNullable<ClickHouseClientConfigOptions['json']> = {
  parse: JSON.parse,
  stringify: (value) => (typeof value === 'string' ? value : JSON.stringify(value)),
};

const quoted = (value: unknown): string => (typeof value === 'number' ? String(value) : `'${String(value)}'`);

const openEmbedded = async (engine: EmbeddedEngine, lane: LaneName): Promise<ClickHouseClient> => {
  // Loaded here only: a deployment with a server needs no native library.
  const { createChdbConnection } = await import('chdb/connection');
  // The two packages declare the same interface from their own copies of one class with a private field.
  const connection = createChdbConnection({ path: engine.directory }) as unknown as NonNullable<
    ClickHouseClientConfigOptions['connection']
  >;
  const client = createClient({
    connection,
    json,
    log: { level: ClickHouseLogLevel.OFF },
  });
  // A connection keeps its settings. Sent with a statement they would become part of its text.
  const settings = Object.entries(LANES[lane].settings).map(([name, value]) => `${name} = ${quoted(value)}`);
  await client.command({ query: `SET ${settings.join(', ')}` });
  if (lane === 'writer') allowBulkInserts(client, engine.directory);
  return client;
};

/** What is repeated when it fails; a report may take its time, and a migration all it needs. */
const REPEATED: ReadonlySet<LaneName> = new Set<LaneName>(['writer', 'live', 'facts']);

/** How long the server may work on a statement, and how long its answer is waited for. */
const patience = ({ requestTimeoutMs }: ServerEngine, lane: LaneName): { seconds: number; timeoutMs: number } => {
  const { seconds } = LANES[lane];
  if (requestTimeoutMs === undefined || !REPEATED.has(lane))
    return { seconds, timeoutMs: seconds * 1000 + ANSWER_MARGIN_MS };
  // The server gives up first, so that it does not work on for nobody.
  return { seconds: Math.min(seconds, Math.ceil(requestTimeoutMs / 1250)), timeoutMs: requestTimeoutMs };
};

const openServer = (engine: ServerEngine, lane: LaneName): ClickHouseClient => {
  const { seconds, timeoutMs } = patience(engine, lane);
  return createClient({
    url: engine.url,
    application: 'queuecast',
    clickhouse_settings: { ...LANES[lane].settings, max_execution_time: seconds },
    max_open_connections: LANES[lane].width,
    request_timeout: timeoutMs,
    use_multipart_params_auto: true,
    json,
    log: { level: ClickHouseLogLevel.OFF },
  });
};

/** A connection with the lane's limits. */
export const openClient = async (engine: Engine, lane: LaneName): Promise<ClickHouseClient> =>
  engine.kind === 'embedded' ? openEmbedded(engine, lane) : openServer(engine, lane);

/** Resolves when no connection of the embedded engine is left behind; the directory may then be opened elsewhere. */
export const engineReleased = async (engine: Engine): Promise<void> => {
  if (engine.kind === 'server') return;
  const { drainPending } = await import('chdb');
  await drainPending();
};
