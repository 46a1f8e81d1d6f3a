import type { AgentState, Channel, Direction, LeaveReason } from '@queuecast/events';

/** A stretch of time, milliseconds since the epoch. */
export interface TruthSpan {
  readonly from: number;
  readonly to: number;
}

/** What is true about one leg. Instants are milliseconds since the epoch, by the clock of the contact's source. */
export interface LegTruth {
  readonly queue: string;
  readonly contact: string;
  readonly channel: Channel;
  readonly direction: Direction;
  readonly callerKey: string;
  readonly internal: boolean;
  readonly menuCompletedAt: number | null;
  /** The queue whose agent transferred the contact here. */
  readonly transferredFrom: string | null;
  readonly queuedAt: number;
  readonly offers: number[];
  readonly declines: number[];
  /** When it rang at the agent who answered. */
  rangAt: number | null;
  answeredAt: number | null;
  leftAt: number | null;
  outcome: 'waiting' | 'answered' | LeaveReason;
  readonly holds: TruthSpan[];
  endedAt: number | null;
  wrappedUpAt: number | null;
  /** Queue or agent to whom it was transferred after the answer. */
  transferredTo: { readonly queue?: string; readonly agent?: string } | null;
}

/** What is known of a leg when it joins. */
export type JoiningLeg = Pick<
  LegTruth,
  'queue' | 'contact' | 'channel' | 'direction' | 'callerKey' | 'internal' | 'menuCompletedAt' | 'transferredFrom'
>;

/** What is true about an agent's time in one state; `to` is null for the state in which the period ends. */
export interface SpellTruth {
  readonly agent: string;
  readonly state: AgentState;
  readonly reason: string | null;
  readonly queues: readonly string[];
  readonly from: number;
  to: number | null;
}

/** A stretch of time in which a queue was closed; `to` is null if it was when the period ended. */
export interface ClosedTruth {
  readonly queue: string;
  readonly from: number;
  to: number | null;
}

export const joiningLeg = (leg: JoiningLeg, queuedAt: number): LegTruth => ({
  ...leg,
  queuedAt,
  offers: [],
  declines: [],
  rangAt: null,
  answeredAt: null,
  leftAt: null,
  outcome: 'waiting',
  holds: [],
  endedAt: null,
  wrappedUpAt: null,
  transferredTo: null,
});
