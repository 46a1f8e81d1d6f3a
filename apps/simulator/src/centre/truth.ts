import type { AgentState } from '@queuecast/events';
import type { ClosedTruth, LegTruth, SpellTruth } from './leg-truth.js';
import type { LedgerRow } from './ledger.js';

/** What a simulation knows to be true about the events it gave, for comparing with what others compute from them. */
export interface GroundTruth {
  readonly scenario: string;
  readonly seed: string;
  readonly tenant: string;
  readonly site: string;
  /** Start and end of the simulated period, milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly thresholdSeconds: number;
  readonly shortAbandonSeconds: number;
  /** Per queue over the whole period, by arrival. */
  readonly queues: readonly LedgerRow[];
  /** Per queue and quarter hour of arrival, in order. */
  readonly quarters: readonly LedgerRow[];
  /** Agent time by state from each agent's first mark to the end, milliseconds. */
  readonly agentMs: Readonly<Record<AgentState, number>>;
  readonly agents: number;
  /** Customer contacts; lost in the menu and refused when closed are never offered to a queue. */
  readonly contacts: {
    readonly started: number;
    readonly ended: number;
    readonly lostInMenu: number;
    readonly refusedClosed: number;
  };
  readonly internalLegs: number;
  readonly events: number;
  readonly ghosts: { readonly waiting: number; readonly talking: number };
  /** Clock error per source, milliseconds ahead. */
  readonly skewMs: Readonly<Record<string, number>>;
}

/** The same, leg by leg and spell by spell: what any figure can be computed from. */
export interface TruthDetails {
  /** Every leg, consult calls too, in the order of joining. */
  readonly legs: readonly LegTruth[];
  /** Agents' time by state, in order, of marks within the period. */
  readonly spells: readonly SpellTruth[];
  /** When queues were closed by their hours. */
  readonly closed: readonly ClosedTruth[];
}
