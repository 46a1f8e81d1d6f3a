import { SUSPICIONS } from '@queuecast/events';
import type { Metrics } from '@queuecast/http';
import { Counter, Gauge, Histogram } from 'prom-client';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What the processor counts. Every record read ends in exactly one outcome of `records`. */
export class ProcessorMetrics {
  readonly records;
  readonly deadLetters;
  readonly flushSeconds;
  readonly rows;
  readonly flushFailures;
  readonly unflushed;
  readonly lag;
  readonly contacts;
  readonly frames;
  readonly afterClosing;
  readonly ledgerViolations;
  readonly ledgerIntervals;
  readonly ledgerCheckFailures;
  readonly corrections;
  readonly reconciliationDifferences;
  readonly reconciledIntervals;
  readonly reconciliationFailures;
  readonly suspected;
  readonly suspicions;
  readonly reinstated;
  readonly presumedGone;
  readonly estimatesTold;
  readonly estimatesScored;
  readonly estimatesRight;
  readonly estimatesLonger;
  readonly estimatesOverSeconds;
  readonly estimatesUnderSeconds;
  readonly estimatesSquaredError;
  readonly estimatesLossSeconds;
  readonly estimatorStates;
  readonly deliveries;
  readonly deliveriesRunning;
  readonly watches;
  readonly watchesOpen;
  readonly watchDeliveries;
  readonly watchDeliveriesRunning;

  constructor({ registry }: Metrics) {
    const registers = [registry];
    this.records = new Counter({
      name: 'queuecast_processor_records_total',
      help: 'Records read from the log, by what became of them: folded, archived, tombstone, dead, misplaced',
      labelNames: ['outcome'] as const,
      registers,
    });
    this.deadLetters = new Counter({
      name: 'queuecast_processor_dead_letters_total',
      help: 'Records sent to the dead-letter log, by reason',
      labelNames: ['reason'] as const,
      registers,
    });
    this.flushSeconds = new Histogram({
      name: 'queuecast_processor_flush_seconds',
      help: 'Time to write one flush of facts, archive and intervals',
      buckets: SECONDS,
      registers,
    });
    this.rows = new Counter({
      name: 'queuecast_processor_rows_total',
      help: 'Rows written, by table',
      labelNames: ['table'] as const,
      registers,
    });
    this.flushFailures = new Counter({
      name: 'queuecast_processor_flush_failures_total',
      help: 'Failed attempts to flush; each is repeated whole',
      registers,
    });
    this.unflushed = new Gauge({
      name: 'queuecast_processor_unflushed_events',
      help: 'Events folded and shown live that wait for the store',
      registers,
    });
    this.lag = new Gauge({
      name: 'queuecast_processor_lag_records',
      help: 'Records in the log not yet read, by partition',
      labelNames: ['partition'] as const,
      registers,
    });
    this.contacts = new Gauge({
      name: 'queuecast_processor_contacts_in_memory',
      help: 'Contacts held in memory, by partition',
      labelNames: ['partition'] as const,
      registers,
    });
    this.frames = new Counter({
      name: 'queuecast_processor_frames_total',
      help: 'Frames sent to the gateways',
      registers,
    });
    this.afterClosing = new Gauge({
      name: 'queuecast_processor_after_closing_waiting',
      help: 'Contacts that wait in a queue that is closed, now, by tenant',
      labelNames: ['tenant'] as const,
      registers,
    });
    this.ledgerViolations = new Gauge({
      name: 'queuecast_ledger_violations',
      help: 'Quarters of an hour whose ledger does not balance now, by tenant and queue; without names, those of further queues',
      labelNames: ['tenant', 'queue'] as const,
      registers,
    });
    this.ledgerIntervals = new Counter({
      name: 'queuecast_ledger_intervals_checked_total',
      help: 'Rows of the ledger that were checked for balance',
      registers,
    });
    this.ledgerCheckFailures = new Counter({
      name: 'queuecast_ledger_check_failures_total',
      help: 'Checks of the ledger that the store did not answer; each is repeated',
      registers,
    });
    this.corrections = new Counter({
      name: 'queuecast_corrections_total',
      help: 'Legs of published intervals that late events have changed',
      registers,
    });
    this.reconciliationDifferences = new Gauge({
      name: 'queuecast_reconciliation_differences',
      help: 'Published figures that are not what reports say now, without a record of why, by tenant and queue; without names, those of further queues',
      labelNames: ['tenant', 'queue'] as const,
      registers,
    });
    this.reconciledIntervals = new Counter({
      name: 'queuecast_reconciliation_intervals_checked_total',
      help: 'Published intervals, by queue and channel, compared with what reports say now',
      registers,
    });
    this.reconciliationFailures = new Counter({
      name: 'queuecast_reconciliation_failures_total',
      help: 'Comparisons that the store did not answer; each is repeated',
      registers,
    });
    this.suspected = new Gauge({
      name: 'queuecast_processor_suspected_contacts',
      help: 'Open contacts that their source has probably forgotten, now',
      registers,
    });
    this.suspicions = new Counter({
      name: 'queuecast_processor_suspicions_total',
      help: `Contacts suspected to be forgotten, by reason: ${SUSPICIONS.join(', ')}`,
      labelNames: ['reason'] as const,
      registers,
    });
    this.reinstated = new Counter({
      name: 'queuecast_processor_reinstated_total',
      help: 'Suspicions that a sign of life ended, by whose: source, person',
      labelNames: ['by'] as const,
      registers,
    });
    this.presumedGone = new Counter({
      name: 'queuecast_processor_presumed_gone_total',
      help: `Contacts closed as unknown, by reason: ${SUSPICIONS.join(', ')}, confirmed`,
      labelNames: ['reason'] as const,
      registers,
    });
    this.estimatorStates = new Counter({
      name: 'queuecast_processor_estimator_states_total',
      help: 'Times that what the estimates of a site have learnt was written to the store (kept, failed), and that they learnt anew from history for want of it (learnt_from_history, history_failed)',
      labelNames: ['outcome'] as const,
      registers,
    });
    this.deliveries = new Counter({
      name: 'queuecast_callback_deliveries_total',
      help: 'Attempts to tell a dialer of a promise, by outcome: delivered, failed',
      labelNames: ['outcome'] as const,
      registers,
    });
    this.deliveriesRunning = new Gauge({
      name: 'queuecast_callback_deliveries_running',
      help: 'Attempts to tell a dialer of a promise that are on their way',
      registers,
    });
    this.estimatesTold = new Counter({
      name: 'queuecast_estimates_told_total',
      help: 'Contacts that joined, by what they were told: band, or the reason why nothing',
      labelNames: ['told'] as const,
      registers,
    });
    const byPopulation = { labelNames: ['tenant', 'queue', 'population'] as const, registers };
    this.estimatesScored = new Counter({
      name: 'queuecast_estimates_scored_total',
      help: 'Contacts that were told a band and are answered, by tenant, queue (without a name, those not in the configuration together) and population: answered for all, queued for those who waited over a second',
      ...byPopulation,
    });
    this.estimatesRight = new Counter({
      name: 'queuecast_estimates_right_total',
      help: 'Those among them who waited within it',
      ...byPopulation,
    });
    this.estimatesLonger = new Counter({
      name: 'queuecast_estimates_longer_than_told_total',
      help: 'Those among them who waited longer than its upper end',
      ...byPopulation,
    });
    this.estimatesOverSeconds = new Counter({
      name: 'queuecast_estimates_over_seconds_total',
      help: 'Seconds that its middle was above their waits, added up; with those below it is the absolute error, less them the bias',
      ...byPopulation,
    });
    this.estimatesUnderSeconds = new Counter({
      name: 'queuecast_estimates_under_seconds_total',
      help: 'Seconds that its middle was below their waits, added up',
      ...byPopulation,
    });
    this.estimatesSquaredError = new Counter({
      name: 'queuecast_estimates_squared_error_total',
      help: 'Squared seconds between its middle and their waits, added up',
      ...byPopulation,
    });
    this.estimatesLossSeconds = new Counter({
      name: 'queuecast_estimates_pinball_loss_seconds_total',
      help: 'Pinball loss of its ends and its middle, seconds, added up, by quantile: 0.1, 0.5, 0.9',
      labelNames: ['tenant', 'queue', 'population', 'quantile'] as const,
      registers,
    });
    this.watches = new Counter({
      name: 'queuecast_watches_total',
      help: 'Watches of a wait by webhook, by what became of them: set, refused, fired, delivered, cleared, expired, given_up',
      labelNames: ['outcome'] as const,
      registers,
    });
    this.watchesOpen = new Gauge({
      name: 'queuecast_watches_open',
      help: 'Watches of a wait by webhook that are open',
      registers,
    });
    this.watchDeliveries = new Counter({
      name: 'queuecast_watch_deliveries_total',
      help: 'Attempts to tell that a wait is short enough, by outcome: delivered, failed',
      labelNames: ['outcome'] as const,
      registers,
    });
    this.watchDeliveriesRunning = new Gauge({
      name: 'queuecast_watch_deliveries_running',
      help: 'Attempts to tell that a wait is short enough that are on their way',
      registers,
    });
  }
}
