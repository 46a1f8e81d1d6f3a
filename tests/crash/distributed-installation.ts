import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openStore, type Store } from '@queuecast/store';
import type { Fault } from '../support/clickhouse-http-front.js';
import { freePort } from '../support/free-port.js';
import { Broker } from './broker.js';
import type { Facts } from './comparison.js';
import type { DeliveredDay } from './day.js';
import { SETTINGS } from './embedded-installation.js';
import { Supervised } from './supervised.js';

const FRONT = 'tests/support/clickhouse-http-front.js';

/** A broker, a ClickHouse front, a collector and two processors, each a process of its own. */
export class DistributedInstallation {
  private constructor(
    private readonly directory: string,
    readonly broker: Broker,
    readonly front: Supervised,
    private readonly frontPort: number,
    readonly collector: Supervised,
    readonly origin: string,
    readonly processors: readonly Supervised[],
  ) {}

  static async start(directory: string): Promise<DistributedInstallation> {
    await mkdir(directory, { recursive: true });
    const broker = await Broker.start(join(directory, 'kafka'));
    const [frontPort, collectorPort] = [await freePort(), await freePort()];
    const settings = join(directory, 'queuecast.yaml');
    // JSON is YAML.
    await writeFile(settings, JSON.stringify(SETTINGS));
    const front = new Supervised({
      program: FRONT,
      arguments: ['--dir', join(directory, 'front'), '--port', String(frontPort)],
      directory,
      environment: {},
      up: /http:\/\/\S+/,
    });
    await front.up();
    const role = (name: string, port: number): Supervised =>
      new Supervised({
        program: `apps/${name}/src/main.js`,
        directory,
        environment: {
          QUEUECAST_CONFIG: settings,
          QUEUECAST_PORT: String(port),
          QUEUECAST_DATA_DIR: join(directory, name),
          QUEUECAST_KAFKA_BROKERS: broker.address,
          QUEUECAST_CLICKHOUSE_URL: `http://127.0.0.1:${frontPort}`,
        },
        up: new RegExp(`${name} up: `),
      });
    const collector = role('collector', collectorPort);
    await collector.up();
    const processors = [role('processor', 0), role('processor', 0)];
    await Promise.all(processors.map((processor) => processor.up()));
    return new DistributedInstallation(
      directory,
      broker,
      front,
      frontPort,
      collector,
      `http://127.0.0.1:${collectorPort}`,
      processors,
    );
  }

  get storeDirectory(): string {
    return join(this.directory, 'front');
  }

  get storeUrl(): string {
    return `http://127.0.0.1:${this.frontPort}`;
  }

  /** Lets the next request that matches fail so. Nothing happens if the front is away. */
  async inject(fault: Fault): Promise<void> {
    await fetch(`${this.storeUrl}/faults`, { method: 'POST', body: JSON.stringify(fault) }).catch(() => undefined);
  }

  readonly facts: Facts = async (work) => {
    const store = await openStore({ kind: 'server', url: this.storeUrl });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  };

  /** Resolves when the facts hold the last contact of every site, and so everything before it. */
  async shows({ last }: DeliveredDay): Promise<void> {
    await this.facts(async (store) => {
      while (!(await this.holds(store, last))) await new Promise((resolve) => setTimeout(resolve, 300));
    });
  }

  /** Everything ends, gracefully where there is a grace. The facts stay for as long as the front is up. */
  async stopProcessors(): Promise<void> {
    await Promise.all(this.processors.map((processor) => processor.stop()));
  }

  async end(): Promise<void> {
    await Promise.all([...this.processors, this.collector, this.front].map((each) => each.end()));
    await this.broker.kill();
  }

  private async holds(store: Store, last: DeliveredDay['last']): Promise<boolean> {
    try {
      const contacts = last.map(({ contact }) => `'${contact}'`).join(', ');
      const [row] = await store.report(
        `SELECT uniqExact(contact) AS n FROM contacts WHERE contact IN (${contacts})`,
        {},
      );
      return Number(row?.['n']) === last.length;
    } catch {
      return false;
    }
  }
}
