import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../support/free-port.js';
import type { SettingsInput } from '../support/server.js';
import { openStore } from '@queuecast/store';
import type { Facts } from './comparison.js';
import { QUEUES, TENANT, type DeliveredDay } from './day.js';
import { Program } from './program.js';

export const KEY = 'key-of-the-crash-tests';

/** Small flushes, so that many of them are under way when a kill comes. */
export const SETTINGS: SettingsInput = {
  tenants: [
    {
      id: TENANT,
      timeZone: 'UTC',
      // A business day ends within a short stretch of the morning, too: that is when contacts are given up.
      queues: QUEUES.map((id) => ({ id, businessDayStart: '09:00' })),
      apiKeys: [
        { name: 'crash', sha256: createHash('sha256').update(KEY).digest('hex'), scopes: ['ingest', 'reports'] },
      ],
    },
  ],
  processor: { flushMs: 100, flushRows: 2_000, longestRestSeconds: 0 },
  // Stalls are among what goes wrong.
  clickhouse: { requestTimeoutSeconds: 10 },
};

/** Everything in one process, on a directory of its own. */
export class EmbeddedInstallation {
  private constructor(
    private readonly directory: string,
    private readonly port: number,
  ) {}

  static async create(directory: string, settings: SettingsInput = SETTINGS): Promise<EmbeddedInstallation> {
    await mkdir(directory, { recursive: true });
    // JSON is YAML.
    await writeFile(join(directory, 'queuecast.yaml'), JSON.stringify(settings));
    return new EmbeddedInstallation(directory, await freePort());
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get dataDirectory(): string {
    return join(this.directory, 'data');
  }

  get storeDirectory(): string {
    return join(this.dataDirectory, 'store');
  }

  start(): Program {
    return new Program({
      program: 'apps/queuecast/src/main.js',
      directory: this.directory,
      environment: {
        QUEUECAST_PORT: String(this.port),
        QUEUECAST_HOST: '127.0.0.1',
        QUEUECAST_DATA_DIR: this.dataDirectory,
      },
      up: /Wallboard links work once/,
    });
  }

  /** For when no process runs on the directory. */
  readonly facts: Facts = async (work) => {
    const store = await openStore({ kind: 'embedded', directory: this.storeDirectory });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  };

  /** Resolves when reports show the last contact of every site, and so everything before it is folded and written. */
  async shows({ from, to, last }: DeliveredDay): Promise<void> {
    const query = new URLSearchParams({
      from: new Date(from).toISOString(),
      to: new Date(to + 60_000).toISOString(),
      grain: 'total',
      metrics: 'offered',
      queue: last[0]?.queue ?? '',
    });
    for (;;) {
      const answer = await fetch(`${this.origin}/v1/reports/intervals?${query.toString()}`, {
        headers: { authorization: `Bearer ${KEY}` },
      });
      const text = await answer.text();
      if (answer.status === 200) {
        const { rows } = JSON.parse(text) as { readonly rows: readonly { readonly site: string }[] };
        if (last.every(({ site }) => rows.some((row) => row.site === site))) return;
      } else if (answer.status !== 503) throw new Error(`the report answered ${answer.status}: ${text}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
