import type { AgentId, ContactId, Instant, LegId, QueueId } from '@queuecast/events';
import type { Forecast } from './scorecard.js';

/** Identifies a stay in a queue. */
export interface Stay {
  readonly contact: ContactId;
  readonly leg: LegId;
}

/** Somebody who waits. */
export interface Waiting extends Stay {
  readonly queue: QueueId;
  readonly joinedAt: Instant;
}

/** An agent who talks to a contact of a queue. */
export interface Talking {
  readonly agent: AgentId;
  readonly queue: QueueId;
  readonly since: Instant;
}

/** Told of every contact answered: who it was, seconds waited, and what each estimator would have said when it joined. */
export type ScoreListener = (
  queue: QueueId,
  at: Instant,
  wait: number,
  forecasts: Readonly<Record<string, Forecast | null>>,
) => void;

/** Why there is no estimate. */
export interface Abstention {
  readonly kind: 'abstention';
  readonly reason: 'NO_AGENTS' | 'TOO_FEW_DATA' | 'SHOCK';
}

/** Milliseconds, or why there is none. */
export type WaitEstimate = WaitBand | Abstention;

export interface WaitBand {
  readonly kind: 'band';
  readonly lowMs: number;
  readonly p50Ms: number;
  readonly highMs: number;
}
