import type { LegFact } from '@queuecast/contact-center';
import { metricsNamed, type Attribution } from '@queuecast/metrics';
import { ledgerOf, type LedgerOptions } from './ledger.testing.js';

/** Metrics that add up, so that any attribution of them can be told leg by leg. */
export const SUMMED = [
  'offered',
  'internal',
  'answered',
  'flowed_out',
  'callback_taken',
  'dropped',
  'closed_out',
  'handled',
  'transfers_out',
  'transfers_in',
  'offers',
  'declines',
  'total_wait',
  'ring_time',
  'talk_time',
  'hold_time',
  'wrap_time',
];

interface Span {
  readonly from: number;
  readonly to: number;
}

/** One thing that a leg adds to a metric: how much, when, and over which stretches of time if it is a duration. */
interface Entry {
  readonly metric: string;
  readonly at: number;
  readonly amount: number;
  readonly spans?: readonly Span[];
}

const OUTCOMES: Readonly<Record<string, string>> = {
  answered: 'answered',
  flowed_out: 'flowed_out',
  overflowed: 'flowed_out',
  timed_out: 'flowed_out',
  callback_taken: 'callback_taken',
  dropped_by_system: 'dropped',
  closed: 'closed_out',
  blocked: 'closed_out',
  no_show: 'closed_out',
};

const duration = (metric: string, at: number, spans: readonly Span[]): Entry => ({
  metric,
  at,
  amount: spans.reduce((sum, { from, to }) => sum + to - from, 0),
  spans,
});

const entriesOf = (leg: LegFact): Entry[] => {
  const count = (metric: string, at: number): Entry => ({ metric, at, amount: 1 });
  if (leg.internal) return [count('internal', leg.queuedAt)];
  const entries = [count('offered', leg.queuedAt)];
  if (leg.transferredFromQueue !== null) entries.push(count('transfers_in', leg.queuedAt));
  entries.push(...leg.offerTimes.map((time) => count('offers', time)));
  entries.push(...leg.declineTimes.map((time) => count('declines', time)));
  if (leg.leftQueueAt !== null) {
    const name = OUTCOMES[leg.outcome];
    if (name) entries.push(count(name, leg.leftQueueAt));
    entries.push(duration('total_wait', leg.leftQueueAt, [{ from: leg.queuedAt, to: leg.leftQueueAt }]));
  }
  const { answeredAt, endedAt } = leg;
  if (answeredAt === null || endedAt === null) return entries;
  const talks = [...leg.holds.map(({ from }) => from), endedAt].map((to, n) => ({
    from: leg.holds[n - 1]?.to ?? answeredAt,
    to,
  }));
  entries.push(
    count('handled', endedAt),
    duration('ring_time', endedAt, [{ from: answeredAt - (leg.ringMs ?? 0), to: answeredAt }]),
    duration('talk_time', endedAt, talks),
    duration('hold_time', endedAt, leg.holds),
    duration('wrap_time', leg.wrappedUpAt ?? NaN, [{ from: endedAt, to: endedAt + (leg.wrapMs ?? 0) }]),
  );
  if (leg.transferredToQueue ?? leg.transferredToAgent) entries.push(count('transfers_out', endedAt));
  return entries;
};

/** The parts of an entry with their instants, as the attribution places them. */
const placed = (
  leg: LegFact,
  entry: Entry,
  attribution: Attribution,
  length: number,
): readonly (readonly [number, number])[] => {
  if (attribution === 'arrival') return [[leg.queuedAt, entry.amount]];
  if (attribution === 'end') return leg.endedAt === null ? [] : [[leg.endedAt, entry.amount]];
  if (attribution === 'event' || !entry.spans) return [[entry.at, entry.amount]];
  return entry.spans.flatMap(({ from, to }) => {
    const parts: [number, number][] = [];
    for (let at = from; at < to;) {
      const edge = (Math.floor(at / length) + 1) * length;
      parts.push([at, Math.min(to, edge) - at]);
      at = edge;
    }
    return parts;
  });
};

/**
 * The {@link SUMMED} metrics by `start queue channel`, leg by leg in plain TypeScript, within a range of whole minutes
 * and by intervals of `length` milliseconds.
 */
export const attributedSums = (
  legs: readonly LegFact[],
  attribution: Attribution,
  range: { readonly from: number; readonly to: number },
  length: number,
): Map<string, Record<string, number>> => {
  const rows = new Map<string, Record<string, number>>();
  const step = 60_000;
  for (const leg of legs)
    for (const entry of entriesOf(leg))
      for (const [at, amount] of placed(leg, entry, attribution, step)) {
        if (at < range.from || at >= range.to) continue;
        const name = `${Math.floor(at / length) * length} ${leg.queue} ${leg.channel ?? ''}`;
        const row = rows.get(name) ?? Object.fromEntries(SUMMED.map((metric) => [metric, 0]));
        row[entry.metric] = (row[entry.metric] ?? 0) + amount;
        rows.set(name, row);
      }
  return rows;
};

/** The metrics of `ledgerOf` that are about how a wait ended. */
const OF_LEFT = [
  'abandoned',
  'short_abandoned',
  'answered_within',
  'answered_within_150s_of_menu',
  'service_level_150s_of_menu',
  'service_level_answered_only',
  'asa',
  'time_to_abandon',
  'abandon_rate',
  'longest_wait',
  'longest_answered_wait',
  ...[50, 90, 95, 99].flatMap((percent) => [`p${percent}_answered_wait`, `p${percent}_wait`]),
];
/** About that, or about who still waits. */
const OF_DECIDED = [
  'decided',
  'service_level',
  'service_level_abandons_ignored',
  'service_level_abandons_met',
  'service_level_abandons_missed',
];
const OF_QUEUED = ['contacts', 'corrections', 'still_waiting', 'waiting_beyond'];
const OF_ENDED = ['mean_ring_time', 'mean_talk_time', 'mean_hold_time'];

const only = (ids: readonly string[], values: Readonly<Record<string, number | null>>) =>
  Object.fromEntries(ids.map((id) => [id, values[id] ?? null]));

/**
 * Every metric that the attribution has, by `start queue channel`, in plain TypeScript over plain legs: of those to whom
 * something happened in the row. Range and length as for {@link attributedSums}.
 */
export const attributedFigures = (
  legs: readonly LegFact[],
  attribution: Exclude<Attribution, 'arrival'>,
  range: { readonly from: number; readonly to: number },
  length: number,
  options: LedgerOptions,
): Map<string, Record<string, number | null>> => {
  const rows = new Map<string, { queued: LegFact[]; left: LegFact[]; ended: LegFact[] }>();
  const place = (leg: LegFact, moment: 'queued' | 'left' | 'ended', at: number | null): void => {
    if (at === null || at < range.from || at >= range.to) return;
    const name = `${Math.floor(at / length) * length} ${leg.queue} ${leg.channel ?? ''}`;
    const row = rows.get(name) ?? { queued: [], left: [], ended: [] };
    row[moment].push(leg);
    rows.set(name, row);
  };
  for (const leg of legs) {
    place(leg, 'queued', leg.queuedAt);
    place(leg, 'left', leg.leftQueueAt);
    place(leg, 'ended', leg.endedAt);
  }
  const figures = new Map<string, Record<string, number | null>>();
  for (const [name, { queued, left, ended }] of rows) {
    if (attribution === 'end') {
      if (ended.length > 0) figures.set(name, ledgerOf(ended, options));
      continue;
    }
    const waiting = queued.filter(({ outcome }) => outcome === 'waiting');
    figures.set(name, {
      ...only(OF_QUEUED, ledgerOf(queued, options)),
      ...only(OF_LEFT, ledgerOf(left, options)),
      ...only(OF_DECIDED, ledgerOf([...left, ...waiting], options)),
      ...only(OF_ENDED, ledgerOf(ended, options)),
    });
  }
  const sums = attributedSums(legs, attribution, range, length);
  if (attribution !== 'end')
    for (const [name, values] of sums) {
      const known = figures.get(name) ?? {
        ...only([...OF_QUEUED, ...OF_LEFT, ...OF_DECIDED, ...OF_ENDED], ledgerOf([], options)),
      };
      figures.set(name, { ...known, ...values });
    }
  for (const [name, values] of figures) {
    const had = metricsNamed(Object.keys(values)).filter(({ attributions }) => attributions.includes(attribution));
    figures.set(
      name,
      only(
        had.map(({ id }) => id),
        { ...Object.fromEntries(SUMMED.map((id) => [id, 0])), ...values },
      ),
    );
  }
  return figures;
};
