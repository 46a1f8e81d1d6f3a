import type { AgentState, LeaveReason } from '@queuecast/events';
import { joiningLeg, type ClosedTruth, type JoiningLeg, type LegTruth, type SpellTruth } from './leg-truth.js';

/** The ledger of one queue (and of one quarter hour of arrivals): counts, and milliseconds. */
export interface LedgerRow {
  readonly queue: string;
  /** Start of the quarter hour, milliseconds since the epoch; null for the whole period. */
  readonly start: number | null;
  offered: number;
  answered: number;
  abandoned: number;
  shortAbandoned: number;
  flowedOut: number;
  callbackTaken: number;
  dropped: number;
  closedOut: number;
  stillWaiting: number;
  /** Answered after at most the threshold. */
  answeredWithin: number;
  /** Waits of those answered. */
  answeredWaitMs: number;
  /** Waits of everybody who waits no longer. */
  totalWaitMs: number;
  /** Conversations that came to an end, and their durations; talk is without hold. */
  completed: number;
  talkMs: number;
  holdMs: number;
  wrapMs: number;
  declines: number;
}

export const emptyRow = (queue: string, start: number | null): LedgerRow => ({
  queue,
  start,
  offered: 0,
  answered: 0,
  abandoned: 0,
  shortAbandoned: 0,
  flowedOut: 0,
  callbackTaken: 0,
  dropped: 0,
  closedOut: 0,
  stillWaiting: 0,
  answeredWithin: 0,
  answeredWaitMs: 0,
  totalWaitMs: 0,
  completed: 0,
  talkMs: 0,
  holdMs: 0,
  wrapMs: 0,
  declines: 0,
});

/** Offered minus everything that became of it: zero, or the bookkeeping is wrong. */
export const imbalance = (row: LedgerRow): number =>
  row.offered -
  (row.answered +
    row.abandoned +
    row.shortAbandoned +
    row.flowedOut +
    row.callbackTaken +
    row.dropped +
    row.closedOut +
    row.stillWaiting);

export interface LedgerTerms {
  /** Service level threshold in milliseconds: answered within means a wait of at most this. */
  readonly thresholdMs: number;
  /** Abandons after less than this many milliseconds are short. */
  readonly shortAbandonMs: number;
}

/** The column of the ledger in which a leg that left its queue is counted. */
type Departure = 'abandoned' | 'flowedOut' | 'callbackTaken' | 'dropped' | 'closedOut';

const departureOf = (reason: LeaveReason): Departure => {
  switch (reason) {
    case 'abandoned':
      return 'abandoned';
    case 'overflowed':
    case 'timed_out':
      return 'flowedOut';
    case 'callback_taken':
      return 'callbackTaken';
    case 'dropped_by_system':
      return 'dropped';
    case 'closed':
    case 'blocked':
    case 'no_show':
      return 'closedOut';
  }
};

/** A leg's entry in the books: the row it was offered in, and what is known of it. */
export interface LedgerEntry {
  readonly rows: readonly LedgerRow[];
  readonly leg: LegTruth;
  readonly queuedAt: number;
  answeredAt: number;
  heldSince: number | null;
  holdMs: number;
  endedAt: number;
}

const QUARTER = 900_000;

/**
 * The simulator's own books, kept from what it decides and never from the events it emits. Times are those that the
 * events carry, so a skewed clock moves an entry to the quarter hour that its events will say.
 */
export class Ledger {
  readonly totals = new Map<string, LedgerRow>();
  readonly quarters = new Map<string, LedgerRow>();
  /** Consult calls by agents into a queue: legs that are no offered customers. */
  internalLegs = 0;
  readonly contacts = { started: 0, ended: 0, lostInMenu: 0, refusedClosed: 0 };
  readonly agentMs: Record<AgentState, number> = {
    offline: 0,
    available: 0,
    offered: 0,
    busy: 0,
    wrap_up: 0,
    away: 0,
  };
  /** Every leg, consult calls too, in the order of joining. */
  readonly legs: LegTruth[] = [];
  readonly spells: SpellTruth[] = [];
  readonly closed: ClosedTruth[] = [];
  readonly #latest = new Map<string, SpellTruth>();
  readonly #running = new Map<string, { state: AgentState; since: number; before: AgentState | null }>();

  constructor(
    readonly terms: LedgerTerms,
    queues: readonly string[],
  ) {
    for (const queue of queues) this.totals.set(queue, emptyRow(queue, null));
  }

  /** An agent's consult call: a leg, but no customer. */
  consulted(joining: JoiningLeg, at: number): void {
    this.internalLegs++;
    this.legs.push(joiningLeg(joining, at));
  }

  queued(joining: JoiningLeg, at: number): LedgerEntry {
    const { queue } = joining;
    const leg = joiningLeg(joining, at);
    this.legs.push(leg);
    const rows = [this.#total(queue), this.#quarter(queue, at)];
    for (const row of rows) {
      row.offered++;
      row.stillWaiting++;
    }
    return { rows, leg, queuedAt: at, answeredAt: at, heldSince: null, holdMs: 0, endedAt: at };
  }

  offered({ leg }: LedgerEntry, at: number): void {
    leg.offers.push(at);
    leg.rangAt = at;
  }

  declined(entry: LedgerEntry, at: number): void {
    entry.leg.declines.push(at);
    for (const row of entry.rows) row.declines++;
  }

  answered(entry: LedgerEntry, at: number): void {
    const wait = at - entry.queuedAt;
    entry.answeredAt = at;
    Object.assign(entry.leg, { answeredAt: at, leftAt: at, outcome: 'answered' });
    for (const row of entry.rows) {
      row.stillWaiting--;
      row.answered++;
      row.answeredWaitMs += wait;
      row.totalWaitMs += wait;
      if (wait <= this.terms.thresholdMs) row.answeredWithin++;
    }
  }

  left(entry: LedgerEntry, at: number, reason: LeaveReason): void {
    const wait = at - entry.queuedAt;
    const departure = departureOf(reason);
    Object.assign(entry.leg, { leftAt: at, endedAt: at, outcome: reason });
    for (const row of entry.rows) {
      row.stillWaiting--;
      row.totalWaitMs += wait;
      if (departure === 'abandoned' && wait < this.terms.shortAbandonMs) row.shortAbandoned++;
      else row[departure]++;
    }
  }

  held(entry: LedgerEntry, at: number): void {
    entry.heldSince = at;
  }

  resumed(entry: LedgerEntry, at: number): void {
    if (entry.heldSince !== null) {
      entry.holdMs += at - entry.heldSince;
      entry.leg.holds.push({ from: entry.heldSince, to: at });
    }
    entry.heldSince = null;
  }

  /** The agent's part of the conversation is over: ended or transferred. */
  completed(entry: LedgerEntry, at: number, transferredTo: LegTruth['transferredTo'] = null): void {
    this.resumed(entry, at);
    entry.endedAt = at;
    Object.assign(entry.leg, { endedAt: at, transferredTo });
    for (const row of entry.rows) {
      row.completed++;
      row.holdMs += entry.holdMs;
      row.talkMs += at - entry.answeredAt - entry.holdMs;
    }
  }

  wrappedUp(entry: LedgerEntry, at: number): void {
    entry.leg.wrappedUpAt = at;
    for (const row of entry.rows) row.wrapMs += at - entry.endedAt;
  }

  agentState(agent: string, state: AgentState, at: number, reason: string | null, queues: readonly string[]): void {
    const last = this.#latest.get(agent);
    if (last) last.to = at;
    const spell: SpellTruth = { agent, state, reason, queues, from: at, to: null };
    this.#latest.set(agent, spell);
    this.spells.push(spell);
    const running = this.#running.get(agent);
    if (running) this.agentMs[running.state] += at - running.since;
    this.#running.set(agent, { state, since: at, before: running?.state ?? null });
  }

  /** A queue opened or closed by its hours. */
  opening(queue: string, isOpen: boolean, at: number): void {
    const last = this.closed.findLast((closed) => closed.queue === queue);
    if (last?.to === null) last.to = at;
    if (!isOpen) this.closed.push({ queue, from: at, to: null });
  }

  /** Agent time by state up to `end`, the spells that are still running included. Milliseconds. */
  agentTimeUntil(end: number): Record<AgentState, number> {
    const time = { ...this.agentMs };
    for (const { state, since, before } of this.#running.values()) {
      if (since <= end) time[state] += end - since;
      // A mark a millisecond past the end was never sent: the spell before it ends with the period.
      else if (before) time[before] -= since - end;
    }
    return time;
  }

  #total(queue: string): LedgerRow {
    let row = this.totals.get(queue);
    if (!row) this.totals.set(queue, (row = emptyRow(queue, null)));
    return row;
  }

  #quarter(queue: string, at: number): LedgerRow {
    const start = Math.floor(at / QUARTER) * QUARTER;
    const key = `${start}/${queue}`;
    let row = this.quarters.get(key);
    if (!row) this.quarters.set(key, (row = emptyRow(queue, start)));
    return row;
  }
}
