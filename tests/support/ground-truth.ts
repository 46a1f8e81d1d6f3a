import type { LegTruth, SpellTruth, TruthDetails } from '../../apps/simulator/src/index.js';
import type { LegFact } from '@queuecast/contact-center';

/** Of every leg by which a contact's wait was decided, how long it had been since its last menu choice or its first queue. */
const decidedWaits = (legs: readonly LegTruth[]): Map<LegTruth, number> => {
  const journeys = new Map<string, LegTruth[]>();
  for (const leg of legs) if (!leg.internal) journeys.set(leg.contact, [...(journeys.get(leg.contact) ?? []), leg]);
  const waits = new Map<LegTruth, number>();
  for (const own of journeys.values()) {
    const inOrder = own.toSorted((one, other) => one.queuedAt - other.queuedAt);
    const answers = inOrder.filter(({ answeredAt }) => answeredAt !== null);
    const [first] = answers.sort((one, other) => Number(one.answeredAt) - Number(other.answeredAt));
    const over = inOrder.every(({ leftAt }) => leftAt !== null);
    const decides =
      first ?? (over ? inOrder.sort((one, other) => Number(one.leftAt) - Number(other.leftAt)).at(-1) : null);
    const joined = Math.min(...own.map(({ queuedAt }) => queuedAt));
    const menu = own[0]?.menuCompletedAt ?? Infinity;
    if (decides) waits.set(decides, Number(decides.answeredAt ?? decides.leftAt) - (menu <= joined ? menu : joined));
  }
  return waits;
};

/** What the simulator knows of legs, in the form of facts. Only the simulator's books go into it, no event. */
export const factsOfTruth = (legs: readonly LegTruth[], site: string): LegFact[] => {
  const waits = decidedWaits(legs);
  return legs.map((leg) => factOfTruth(leg, site, waits.get(leg) ?? null));
};

const factOfTruth = (leg: LegTruth, site: string, decidedAfterMs: number | null): LegFact => {
  const { answeredAt, leftAt, endedAt, rangAt, wrappedUpAt } = leg;
  const isOver = answeredAt !== null && endedAt !== null;
  const held = leg.holds.reduce((sum, { from, to }) => sum + to - from, 0);
  return {
    tenant: 'truth',
    site,
    queue: leg.queue,
    contact: leg.contact,
    leg: '',
    anchor: leg.queuedAt,
    channel: leg.channel,
    direction: leg.direction,
    callerKey: leg.callerKey,
    priority: 0,
    internal: leg.internal,
    startedAt: null,
    menuCompletedAt: leg.menuCompletedAt,
    queuedAt: leg.queuedAt,
    firstOfferedAt: leg.offers[0] ?? null,
    answeredAt,
    leftQueueAt: leftAt,
    endedAt,
    wrappedUpAt,
    outcome: leg.outcome,
    agent: null,
    waitMs: leftAt === null ? null : leftAt - leg.queuedAt,
    decidedAfterMs,
    ringMs: answeredAt === null || rangAt === null ? null : answeredAt - rangAt,
    talkMs: isOver ? endedAt - answeredAt - held : null,
    holdMs: isOver ? held : null,
    wrapMs: isOver && wrappedUpAt !== null ? wrappedUpAt - endedAt : null,
    offers: leg.offers.length,
    declines: leg.declines.length,
    offerTimes: leg.offers,
    declineTimes: leg.declines,
    holds: isOver ? leg.holds : [],
    transferredFromQueue: leg.transferredFrom,
    transferredToQueue: leg.transferredTo?.queue ?? null,
    transferredToAgent: leg.transferredTo?.agent ?? null,
    endedBy: null,
    disposition: null,
    resolved: null,
    corrections: 0,
    version: 0,
  } as unknown as LegFact;
};

/** One thing that happened in a queue at an instant, to be counted. */
export interface Happening {
  readonly queue: string;
  readonly channel: string;
  readonly at: number;
  readonly metric: string;
}

/** Legs that waited while their queue was closed; those that wait still do so until the end. */
export const afterHours = ({ legs, closed }: TruthDetails, end: number): Happening[] =>
  legs
    .filter((leg) => !leg.internal)
    .filter((leg) =>
      closed.some((closing) => {
        if (closing.queue !== leg.queue) return false;
        const to = closing.to ?? end;
        const joined = leg.queuedAt >= closing.from && leg.queuedAt < to;
        return joined || (leg.queuedAt < to && (leg.leftAt ?? end) > closing.from);
      }),
    )
    .map(({ queue, channel, queuedAt }) => ({ queue, channel, at: queuedAt, metric: 'after_hours_waiters' }));

interface Visit {
  readonly contact: string;
  readonly at: number;
  readonly channel: string;
  readonly answered: boolean;
}

/** Repeats and first contacts, every queue by itself, when all days that matter have passed. */
export const journeys = ({ legs }: TruthDetails, repeatMs: number): Happening[] => {
  const visits = new Map<string, Map<string, Visit>>();
  for (const leg of legs) {
    if (leg.internal || leg.direction === 'outbound') continue;
    const caller = JSON.stringify([leg.queue, leg.callerKey]);
    const own = visits.get(caller) ?? new Map<string, Visit>();
    visits.set(caller, own);
    const known = own.get(leg.contact);
    const answered = leg.outcome === 'answered' || (known?.answered ?? false);
    own.set(leg.contact, { contact: leg.contact, at: leg.queuedAt, channel: leg.channel, ...known, answered });
  }
  return [...visits].flatMap(([caller, own]) => {
    const [queue] = JSON.parse(caller) as [string, string];
    const inOrder = [...own.values()].sort((a, b) => a.at - b.at);
    return inOrder.flatMap(({ at, channel, answered }, n) => {
      const before = inOrder[n - 1];
      const after = inOrder[n + 1];
      const again = before !== undefined && at - before.at <= repeatMs;
      const metrics = ['callers', ...(again ? ['repeat_contacts'] : [])];
      if (answered && !again) {
        metrics.push('first_contacts');
        if (after === undefined || after.at - at > repeatMs) metrics.push('resolved');
      }
      return metrics.map((metric) => ({ queue, channel, at, metric }));
    });
  });
};

const COLUMNS: Readonly<Record<string, string>> = {
  available: 'available_time',
  offered: 'ringing_time',
  busy: 'busy_time',
  wrap_up: 'wrapping_time',
  away: 'away_time',
};

/** What agents of one group did in one interval. */
export interface GroupTime {
  readonly agents: Set<string>;
  readonly times: Record<string, number>;
  readonly reasons: Record<string, number>;
}

/** The time of agents by `start group`, cut at multiples of `length` milliseconds; offline time is none. */
export const agentTime = (spells: readonly SpellTruth[], end: number, length: number): Map<string, GroupTime> => {
  const rows = new Map<string, GroupTime>();
  for (const { agent, state, reason, queues, from, to } of spells) {
    const column = COLUMNS[state];
    if (column === undefined) continue;
    for (let at = from; at < (to ?? end);) {
      const until = Math.min(to ?? end, (Math.floor(at / length) + 1) * length);
      const name = `${Math.floor(at / length) * length} ${[...queues].sort().join('+')}`;
      const row = rows.get(name) ?? { agents: new Set<string>(), times: {}, reasons: {} };
      rows.set(name, row);
      row.agents.add(agent);
      row.times[column] = (row.times[column] ?? 0) + until - at;
      if (state === 'away') row.reasons[reason ?? ''] = (row.reasons[reason ?? ''] ?? 0) + until - at;
      at = until;
    }
  }
  return rows;
};
