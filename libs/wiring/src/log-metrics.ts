import type { KafkaBus, LogCounts } from '@queuecast/event-log';
import type { Metrics } from '@queuecast/http';
import { Counter } from 'prom-client';

interface Counting {
  counts(): LogCounts;
}

const COUNTED: readonly { readonly name: string; readonly help: string; readonly of: keyof LogCounts }[] = [
  {
    name: 'queuecast_log_trimmed_total',
    help: 'Records that the log removed by age or size, as far as this process can tell',
    of: 'trimmed',
  },
  {
    name: 'queuecast_log_trimmed_uncommitted_total',
    help: 'Of the records removed, those that no processor had committed: they are lost to it',
    of: 'trimmedUncommitted',
  },
  {
    name: 'queuecast_log_failed_deliveries_total',
    help: 'Calls of a consumer that failed and were repeated',
    of: 'failedDeliveries',
  },
];

/** What logs and bus count by themselves, in the process's registry. */
export class LogMetrics {
  readonly #logs = new Map<string, Counting>();

  constructor(private readonly metrics: Metrics) {
    const logs = this.#logs;
    for (const { name, help, of } of COUNTED)
      new Counter({
        name,
        help,
        labelNames: ['log'],
        registers: [metrics.registry],
        collect() {
          this.reset();
          for (const [log, counting] of logs) this.inc({ log }, counting.counts()[of]);
        },
      });
  }

  log(name: string, log: Counting): void {
    this.#logs.set(name, log);
  }

  bus(bus: KafkaBus): void {
    new Counter({
      name: 'queuecast_frames_invalid_total',
      help: 'Records on the topic of frames that are no frames',
      registers: [this.metrics.registry],
      collect() {
        this.reset();
        this.inc(bus.invalid);
      },
    });
  }
}
