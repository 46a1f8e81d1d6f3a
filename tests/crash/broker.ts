import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as KafkaModule from '../../deploy/kafka-local/kafka.mjs';
import type { LocalKafka } from '../../deploy/kafka-local/kafka.mjs';

/** What is run from the build lies beside it, in the project. */
const localKafka = (): Promise<typeof KafkaModule> =>
  import(pathToFileURL(resolve('deploy/kafka-local/kafka.mjs')).href) as ReturnType<typeof localKafka>;

/** A real broker that is killed and comes back at the same address on the same data. */
export class Broker {
  private constructor(
    private readonly directory: string,
    private kafka: LocalKafka,
  ) {}

  static async start(directory: string): Promise<Broker> {
    const { startKafka } = await localKafka();
    return new Broker(directory, await startKafka({ directory }));
  }

  get address(): string {
    return this.kafka.brokers.join(',');
  }

  kill(): Promise<void> {
    return this.kafka.kill();
  }

  async comeBack(): Promise<void> {
    const { startKafka } = await localKafka();
    this.kafka = await startKafka({ directory: this.directory, port: this.kafka.port });
  }
}
