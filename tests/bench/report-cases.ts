import { instant, queueId, siteId, tenantId } from '@queuecast/events';
import { MAX_INTERVAL_ROWS, type IntervalReportRequest, type Store } from '@queuecast/store';
import { DAY, queueName, siteName, TENANT, type History } from './history.js';
import {
  contactsSql,
  intervalsFromLegs,
  intervalsSql,
  METRICS,
  SHORT,
  THRESHOLD,
  serviceLevelFromLegs,
  serviceLevelSql,
  windowsFromLegs,
  windowsSql,
  type Window,
} from './report-sql.js';

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
/** As an export asks for them. */
const PAGE_ROWS = MAX_INTERVAL_ROWS;
const UNUSUAL = 37;
const LISTED = 100;

/** {@link METRICS}.windows, as a window names them. */
const WINDOW_VALUES = [
  'offered',
  'answered',
  'abandoned',
  'shortAbandoned',
  'flowedOut',
  'callbackTaken',
  'dropped',
  'closedOut',
  'stillWaiting',
  'answeredWithin',
  'asaMs',
  'ahtMs',
  'longestWaitMs',
] as const;

export type Cell = string | number | null;
/** Keys, then values in the order of the metrics. */
export type Row = readonly Cell[];

export interface ReportCase {
  readonly name: string;
  /** Lane whose limits the hand-written statement runs under: the product's. */
  readonly lane: 'live' | 'report' | 'facts';
  readonly rounds: number;
  /** Most milliseconds it should take at the median, where there is an aim of its own. */
  readonly aimMs?: number;
  /** How many answers one round consists of, if it is served in pages. */
  readonly pages?: (rows: number) => number;
  /** What the product serves in round `n`: which queue and which day varies. */
  readonly product: (n: number) => Promise<Row[]>;
  /** The same, written by hand over the same tables. */
  readonly byHand: (n: number) => string;
  /** The same over the legs one by one: what both must equal. Null where the tables are the legs anyway. */
  readonly fromLegs: ((n: number) => readonly string[]) | null;
}

const valuesOf = (values: Readonly<Record<string, number | null>>, metrics: readonly string[]): Cell[] =>
  metrics.map((id) => values[id] ?? null);

/** What is asked, how the product is asked for it, and how an analyst would ask the tables. */
export const reportCases = (store: Store, history: History): readonly ReportCase[] => {
  const { now, today, days, queues } = history;
  const tenant = tenantId(TENANT);
  const thresholds = { thresholdSeconds: THRESHOLD, shortAbandonSeconds: SHORT };
  const asOf = Math.floor(now / 1000);
  const all = Array.from({ length: queues }, (_, n) => ({
    tenant,
    site: siteId(siteName(n)),
    queue: queueId(queueName(n)),
  }));
  const first = today - (days - 1) * DAY;
  const tomorrow = today + DAY;
  // Of the larger queues: those that anybody looks at.
  const queueOf = (n: number): string => queueName((n * 7) % Math.min(queues, 60));
  const dayOf = (n: number): number => today - ((n * 3) % days) * DAY;

  const everyPage = async (request: Omit<IntervalReportRequest, 'limit'>): Promise<Row[]> => {
    const rows: Row[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<Store['intervals']>> = await store.intervals({
        ...request,
        limit: PAGE_ROWS,
        ...(cursor !== null && { cursor }),
      });
      for (const row of page.rows)
        rows.push([row.start / 1000, row.site, row.queue, row.channel, ...valuesOf(row.values, request.metrics)]);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return rows;
  };
  const quarters = (from: number, to: number, asked: readonly string[]) => ({
    tenant,
    queues: asked.map(queueId),
    from: instant(from),
    to: instant(to),
    grain: 'quarter' as const,
    timeZone: 'UTC',
    metrics: METRICS.intervals,
    ...thresholds,
  });

  const todays: Window = { name: 'today', from: today, to: today + 2 * DAY };
  const minuteNow = Math.ceil(now / MINUTE) * MINUTE;
  const sevenWindows: readonly Window[] = [
    { name: '15 minutes', from: minuteNow - QUARTER, to: minuteNow },
    { name: '30 minutes', from: minuteNow - 2 * QUARTER, to: minuteNow },
    { name: '60 minutes', from: minuteNow - 4 * QUARTER, to: minuteNow },
    { name: 'today', from: today, to: minuteNow },
    { name: 'yesterday', from: today - DAY, to: today },
    { name: 'week to date', from: today - Math.min(2, days - 1) * DAY, to: minuteNow },
    { name: 'the same time last week', from: today - 7 * DAY, to: minuteNow - 7 * DAY },
  ];

  return [
    {
      name: 'wallboard: today, all queues',
      lane: 'live',
      rounds: 40,
      aimMs: 50,
      product: async () => {
        const span = { from: instant(todays.from), to: instant(todays.to) };
        const businessDay = new Date(now).toISOString().slice(0, 10);
        const asked = all.map((key) => ({ ...key, ...span, ...thresholds, businessDay }));
        const windows = await store.windows(asked);
        return windows.map((row) => [0, row.queue, ...WINDOW_VALUES.map((name) => row[name])]);
      },
      byHand: () => windowsSql([todays]),
      fromLegs: () => [windowsFromLegs([todays])],
    },
    {
      name: 'wallboard: seven windows, all queues',
      lane: 'report',
      rounds: 20,
      product: async () => {
        const asked = sevenWindows.flatMap(({ from, to }) =>
          all.map((key) => ({ ...key, from: instant(from), to: instant(to), ...thresholds })),
        );
        const { values } = await store.figures(asked, { metrics: METRICS.windows, timeZone: 'UTC' });
        return values.map((row, n) => [
          Math.floor(n / queues),
          queueName(n % queues),
          ...valuesOf(row, METRICS.windows),
        ]);
      },
      byHand: () => windowsSql(sevenWindows),
      fromLegs: () => [windowsFromLegs(sevenWindows)],
    },
    {
      name: 'one queue, one day, by the quarter',
      lane: 'report',
      rounds: 40,
      product: (n) => everyPage(quarters(dayOf(n), dayOf(n) + DAY, [queueOf(n)])),
      byHand: (n) => intervalsSql({ from: dayOf(n), to: dayOf(n) + DAY, queue: queueOf(n), asOf }),
      fromLegs: (n) => [intervalsFromLegs({ from: dayOf(n), to: dayOf(n) + DAY, queue: queueOf(n), asOf })],
    },
    {
      name: `all queues, ${days} days, by the quarter`,
      lane: 'facts',
      rounds: 3,
      pages: (rows) => Math.ceil(rows / PAGE_ROWS),
      product: () => everyPage(quarters(first, tomorrow, [])),
      byHand: () => intervalsSql({ from: first, to: tomorrow, queue: null, asOf }),
      // Day by day, or it would not fit into memory.
      fromLegs: () =>
        Array.from({ length: days }, (_, n) =>
          intervalsFromLegs({ from: first + n * DAY, to: first + (n + 1) * DAY, queue: null, asOf }),
        ),
    },
    {
      name: `service level within ${UNUSUAL} s, all queues, ${days} days`,
      lane: 'report',
      rounds: 10,
      product: async () => {
        const rows = await everyPage({
          ...quarters(first, tomorrow, []),
          grain: 'total',
          metrics: METRICS.serviceLevel,
          thresholdSeconds: UNUSUAL,
        });
        return rows.map(([, ...row]) => row);
      },
      byHand: () => serviceLevelSql({ from: first, to: tomorrow, queue: null, asOf }, UNUSUAL),
      fromLegs: () => [serviceLevelFromLegs({ from: first, to: tomorrow, queue: null, asOf }, UNUSUAL)],
    },
    ...(['cell', 'day'] as const).map((range): ReportCase => {
      const of = (n: number) => {
        const from = range === 'cell' ? dayOf(n) + 10 * 4 * QUARTER : dayOf(n);
        return { from, to: from + (range === 'cell' ? QUARTER : DAY), queue: queueOf(n), limit: LISTED };
      };
      return {
        name: range === 'cell' ? 'contacts behind one cell' : 'who abandoned one queue in one day',
        lane: 'report',
        rounds: 40,
        product: async (n) => {
          const { from, to, queue, limit } = of(n);
          const { rows } = await store.contacts({
            tenant,
            queues: [queueId(queue)],
            sites: [],
            from: instant(from),
            to: instant(to),
            attribution: 'arrival',
            shortAbandonSeconds: SHORT,
            ...(range === 'day' && { class: 'abandoned' as const }),
            limit,
          });
          return rows.map((leg) => [
            leg.queuedAt,
            leg.contact,
            leg.leg,
            leg.outcome,
            leg.agent,
            leg.waitMs,
            leg.talkMs,
          ]);
        },
        byHand: (n) => contactsSql({ ...of(n), abandoned: range === 'day' }),
        fromLegs: null,
      };
    }),
  ];
};
