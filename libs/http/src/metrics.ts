import { collectDefaultMetrics, Counter, Registry } from 'prom-client';

/** The process's Prometheus registry; each role adds its own metrics to it. One per process. */
export class Metrics {
  readonly registry = new Registry();
  /** Requests and handshakes refused for want of a right, by where and why. */
  readonly refusals = new Counter({
    name: 'queuecast_refusals_total',
    help: 'Requests, events and handshakes refused for want of a right',
    labelNames: ['where', 'reason'] as const,
    registers: [this.registry],
  });

  constructor(options: { readonly processMetrics: boolean } = { processMetrics: true }) {
    if (options.processMetrics) collectDefaultMetrics({ register: this.registry });
  }
}
