import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafka, type LocalKafka } from '../../../../deploy/kafka-local/kafka.mjs';

/** The test runner sets it where there is no JDK or Maven, after saying what to do about it. */
export const withoutKafka = process.env['QUEUECAST_SKIP_KAFKA'] === '1';

/** A real broker on a random port of 127.0.0.1 and a temporary directory. */
export class TestBroker {
  readonly #directory = mkdtempSync(join(tmpdir(), 'queuecast-kafka-'));
  #kafka: LocalKafka | null = null;
  #port: number | undefined;

  /** Starts it, at the same address and on the same data after {@link kill}. */
  async start(config: Readonly<Record<string, string | number | boolean>> = {}): Promise<string[]> {
    this.#kafka = await startKafka({
      directory: this.#directory,
      config,
      ...(this.#port === undefined ? {} : { port: this.#port }),
    });
    this.#port = this.#kafka.port;
    return this.#kafka.brokers;
  }

  get brokers(): string[] {
    if (!this.#kafka) throw new Error('the broker was not started');
    return this.#kafka.brokers;
  }

  async kill(): Promise<void> {
    await this.#kafka?.kill();
  }

  /** Ends it and removes its data. */
  async remove(): Promise<void> {
    await this.#kafka?.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
