import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openEmbeddedLog } from '@queuecast/event-log';
import { openStore } from '@queuecast/store';
import type { ProcessorPorts } from '../support/processing.js';
import type { Facts } from './comparison.js';

export interface OpenPorts extends ProcessorPorts {
  close(): Promise<void>;
}

/** The embedded log and store of one directory, opened as often as a test wants, by a clock that the test sets. */
export class EmbeddedPorts {
  constructor(
    private readonly directory: string,
    private readonly now: () => number = Date.now,
  ) {}

  async open(): Promise<OpenPorts> {
    const log = { directory: this.logDirectory, now: this.now };
    const events = await openEmbeddedLog({ ...log, name: 'events', partitions: 4 });
    const deadLetters = await openEmbeddedLog({ ...log, name: 'dead-letters', partitions: 1 });
    const store = await openStore({ kind: 'embedded', directory: join(this.directory, 'store'), now: this.now });
    await store.migrate();
    return {
      events,
      deadLetters,
      store,
      close: async () => {
        await store.close();
        await deadLetters.close();
        await events.close();
      },
    };
  }

  /** The log is gone and the facts are not: what is opened next is another life of it. */
  async loseLog(): Promise<void> {
    await rm(this.logDirectory, { recursive: true, force: true });
  }

  /** Read by the true clock: who waits beyond a threshold depends on when one asks. */
  readonly facts: Facts = async (work) => {
    const ports = await new EmbeddedPorts(this.directory).open();
    try {
      return await work(ports.store);
    } finally {
      await ports.close();
    }
  };

  private get logDirectory(): string {
    return join(this.directory, 'log');
  }
}
