import { LEDGER_CLASSES } from './definitions/ledger.js';
import { citation, REGISTRY } from './registry.js';
import type { ServedMetric } from './registry.js';

/** What published figures are counted by, whatever a queue's own thresholds are: they must not change with a setting. */
export const PUBLISHED_THRESHOLD_SECONDS = 150;
export const PUBLISHED_SHORT_ABANDON_SECONDS = 5;

const IDS: ReadonlySet<string> = new Set([
  'offered',
  ...LEDGER_CLASSES,
  'internal',
  'answered_within',
  'answered_within_150s_of_menu',
  'total_wait',
  'handled',
  'ring_time',
  'talk_time',
  'hold_time',
  'wrap_time',
  'offers',
  'declines',
  'transfers_out',
  'transfers_in',
]);

/**
 * What is published of an interval when it ends: the ledger, the sums behind the averages, and what is counted beside. All are whole numbers that
 * add up over legs, so that what one event changes is the difference of two of them. Every version of a definition is
 * among them, each under its `id@version`: a new version must not look like a correction.
 */
export const PUBLISHED_METRICS: readonly ServedMetric[] = REGISTRY.definitions
  .filter(({ id }) => IDS.has(id))
  .map((metric) => ({ key: citation(metric), versions: [metric] }));
