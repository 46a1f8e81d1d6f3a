import type { Metrics } from '@queuecast/http';
import { Counter, Gauge, Histogram } from 'prom-client';

/** Why an event was refused. */
export type RejectionReason = 'malformed' | 'too_large' | 'schema' | 'other_tenant';

/** What the collector counts. */
export class CollectorMetrics {
  /** `kind` is `event` for a type of the contract, `foreign` for a type that is archived only. */
  readonly accepted: Counter<'kind'>;
  readonly rejected: Counter<'reason'>;
  readonly requests: Counter<'status'>;
  readonly bytes: Counter;
  readonly appendSeconds: Histogram;
  readonly pendingBytes: Gauge;

  constructor(metrics: Metrics) {
    const registers = [metrics.registry];
    this.accepted = new Counter({
      name: 'queuecast_events_accepted_total',
      help: 'Events appended to the log and acknowledged',
      labelNames: ['kind'],
      registers,
    });
    this.rejected = new Counter({
      name: 'queuecast_events_rejected_total',
      help: 'Events refused, by reason',
      labelNames: ['reason'],
      registers,
    });
    this.requests = new Counter({
      name: 'queuecast_ingest_requests_total',
      help: 'Requests that brought events, by status answered',
      labelNames: ['status'],
      registers,
    });
    this.bytes = new Counter({
      name: 'queuecast_events_accepted_bytes_total',
      help: 'Bytes of the events appended',
      registers,
    });
    this.appendSeconds = new Histogram({
      name: 'queuecast_append_seconds',
      help: 'From handing a request to the log until it is durable',
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    });
    this.pendingBytes = new Gauge({
      name: 'queuecast_append_pending_bytes',
      help: 'Bytes of events waiting for the log',
      registers,
    });
  }
}
