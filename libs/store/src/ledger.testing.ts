import type { LegFact } from '@queuecast/contact-center';

export interface LedgerOptions {
  readonly thresholdSeconds: number;
  readonly shortAbandonSeconds: number;
  /** Epoch milliseconds, whole seconds. */
  readonly asOf: number;
}

const sum = (legs: readonly LegFact[], value: (leg: LegFact) => number | null): number =>
  legs.reduce((total, leg) => total + (value(leg) ?? 0), 0);

/** By nearest rank: the k-th smallest of n waits in whole seconds, rounded up, k = ceil(percent * n / 100). */
const quantile = (waits: readonly number[], percent: number): number | null => {
  const sorted = waits.map((wait) => Math.ceil(wait / 1000) * 1000).sort((one, other) => one - other);
  return sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? null;
};

const largest = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((most, value) => Math.max(most, value), 0);

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

/** The registry's metrics in plain TypeScript over plain legs, with no intervals and no distributions in between. */
export const ledgerOf = (all: readonly LegFact[], options: LedgerOptions): Record<string, number | null> => {
  const thresholdMs = options.thresholdSeconds * 1000;
  const legs = all.filter((leg) => !leg.internal);
  const of = (...outcomes: readonly string[]): LegFact[] => legs.filter((leg) => outcomes.includes(leg.outcome));
  const answeredLegs = of('answered');
  const abandonedLegs = of('abandoned');
  const waiting = of('waiting');
  const ended = legs.filter((leg) => leg.outcome !== 'waiting');
  const handled = answeredLegs.filter((leg) => leg.endedAt !== null);
  const within = answeredLegs.filter((leg) => (leg.waitMs ?? 0) <= thresholdMs).length;
  const abandonedWithin = abandonedLegs.filter((leg) => (leg.waitMs ?? 0) <= thresholdMs).length;
  const short = abandonedLegs.filter((leg) => (leg.waitMs ?? 0) < options.shortAbandonSeconds * 1000).length;
  const beyond = waiting.filter((leg) => options.asOf - leg.queuedAt > thresholdMs).length;
  const decided = legs.length - waiting.length + beyond;
  const contacts = new Set(legs.map((leg) => `${leg.site}/${leg.contact}`)).size;
  const transfersOut = answeredLegs.filter((leg) => leg.transferredToQueue ?? leg.transferredToAgent).length;
  const waitsOf = (some: readonly LegFact[]): number[] => some.map((leg) => leg.waitMs ?? 0);
  const deciding = legs.filter((leg) => leg.decidedAfterMs !== null);
  const legal = deciding.filter((leg) => leg.outcome === 'answered' && (leg.decidedAfterMs ?? 0) <= 150_000).length;
  const handling = {
    ring_time: sum(handled, (leg) => leg.ringMs),
    talk_time: sum(handled, (leg) => leg.talkMs),
    hold_time: sum(handled, (leg) => leg.holdMs),
    wrap_time: sum(handled, (leg) => leg.wrapMs),
  };
  const offers = sum(legs, (leg) => leg.offers);
  const declines = sum(legs, (leg) => leg.declines);
  return {
    offered: legs.length,
    contacts,
    answered: answeredLegs.length,
    abandoned: abandonedLegs.length - short,
    short_abandoned: short,
    flowed_out: of('flowed_out', 'overflowed', 'timed_out').length,
    callback_taken: of('callback_taken').length,
    dropped: of('dropped_by_system').length,
    closed_out: of('closed', 'blocked', 'no_show').length,
    still_waiting: waiting.length,
    waiting_beyond: beyond,
    answered_within: within,
    decided: decided - short,
    service_level: ratio(within, decided - short),
    service_level_abandons_ignored: ratio(within, decided - abandonedWithin),
    service_level_abandons_met: ratio(within + abandonedWithin, decided),
    service_level_abandons_missed: ratio(within, decided),
    service_level_answered_only: ratio(within, answeredLegs.length),
    asa: ratio(
      sum(answeredLegs, (leg) => leg.waitMs),
      answeredLegs.length,
    ),
    answered_within_150s_of_menu: legal,
    service_level_150s_of_menu: ratio(legal, deciding.length),
    longest_wait: largest(waitsOf(ended)),
    longest_answered_wait: largest(waitsOf(answeredLegs)),
    ...Object.fromEntries(
      [50, 90, 95, 99].flatMap((percent) => [
        [`p${percent}_answered_wait`, quantile(waitsOf(answeredLegs), percent)],
        [`p${percent}_wait`, quantile(waitsOf(ended), percent)],
      ]),
    ),
    time_to_abandon: ratio(
      sum(abandonedLegs, (leg) => leg.waitMs),
      abandonedLegs.length,
    ),
    total_wait: sum(ended, (leg) => leg.waitMs),
    abandon_rate: ratio(abandonedLegs.length - short, ended.length - short),
    handled: handled.length,
    aht: ratio(
      sum(handled, (leg) => (leg.talkMs ?? 0) + (leg.holdMs ?? 0) + (leg.wrapMs ?? 0)),
      handled.length,
    ),
    ...handling,
    ...Object.fromEntries(
      Object.entries(handling).map(([name, total]) => [`mean_${name}`, ratio(total, handled.length)]),
    ),
    offers,
    declines,
    decline_rate: ratio(declines, offers),
    transfers_out: transfersOut,
    transfers_in: legs.filter((leg) => leg.transferredFromQueue !== null).length,
    transfers_per_contact: ratio(transfersOut, contacts),
    internal: all.length - legs.length,
    corrections: sum(legs, (leg) => leg.corrections),
  };
};
