import type { Metrics } from '@queuecast/http';
import { Counter, Gauge, Histogram } from 'prom-client';

export type SocketNamespace = 'wallboard' | 'public';

/** What the gateway counts. */
export class GatewayMetrics {
  readonly framesReceived: Counter;
  /** Frames not taken: older than the one in hand, or of a tenant that the configuration does not know. */
  readonly framesIgnored: Counter<'reason'>;
  readonly sockets: Gauge<'namespace'>;
  readonly messagesSent: Counter<'namespace'>;
  /** Messages that a slow reader never got, because a newer one of the same queue took their place. */
  readonly messagesSuperseded: Counter<'namespace'>;
  /** Watches "tell me when the wait is under", over sockets. */
  readonly watches: Gauge;
  readonly watchesFulfilled: Counter;
  readonly slowDisconnects: Counter<'namespace'>;
  /** Readings of the history that the outlook is learnt from. */
  readonly outlookRefreshes: Counter<'outcome'>;
  readonly reportSeconds: Histogram<'report' | 'status'>;
  /** Requests for a call back, by what became of them. */
  readonly callbackRequests: Counter<'outcome'>;
  readonly refusals: Metrics['refusals'];

  constructor(metrics: Metrics) {
    const registers = [metrics.registry];
    this.refusals = metrics.refusals;
    this.framesReceived = new Counter({
      name: 'queuecast_frames_received_total',
      help: 'Frames received from processors',
      registers,
    });
    this.framesIgnored = new Counter({
      name: 'queuecast_frames_ignored_total',
      help: 'Frames received and not taken, by reason',
      labelNames: ['reason'],
      registers,
    });
    this.sockets = new Gauge({
      name: 'queuecast_sockets',
      help: 'Sockets connected, by namespace',
      labelNames: ['namespace'],
      registers,
    });
    this.messagesSent = new Counter({
      name: 'queuecast_messages_sent_total',
      help: 'Frames and public documents sent, one per socket',
      labelNames: ['namespace'],
      registers,
    });
    this.messagesSuperseded = new Counter({
      name: 'queuecast_messages_superseded_total',
      help: 'Frames and public documents that a slow reader skipped for a newer one',
      labelNames: ['namespace'],
      registers,
    });
    this.watches = new Gauge({
      name: 'queuecast_wait_watches',
      help: 'Visitors who want to be told when the wait is under so many minutes',
      registers,
    });
    this.watchesFulfilled = new Counter({
      name: 'queuecast_wait_watches_fulfilled_total',
      help: 'Visitors who were told that the wait is under what they asked for',
      registers,
    });
    this.slowDisconnects = new Counter({
      name: 'queuecast_slow_disconnects_total',
      help: 'Sockets closed because they stopped reading',
      labelNames: ['namespace'],
      registers,
    });
    this.outlookRefreshes = new Counter({
      name: 'queuecast_outlook_refreshes_total',
      help: 'Readings of the history of waits for the outlook, by outcome; one that failed is repeated',
      labelNames: ['outcome'],
      registers,
    });
    this.callbackRequests = new Counter({
      name: 'queuecast_callback_requests_total',
      help: 'What visitors asked of promises, by outcome: promised, moved, cancelled, or why not',
      labelNames: ['outcome'],
      registers,
    });
    this.reportSeconds = new Histogram({
      name: 'queuecast_report_seconds',
      help: 'Time to answer a report, by report and status',
      labelNames: ['report', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    });
  }
}
