import {
  citation,
  type MetricSubject,
  type Attribution,
  type MetricRegistry,
  type ServedMetric,
} from '@queuecast/metrics';
import { businessDayOf, startOfBusinessDate, startsOfBusinessDays } from '@queuecast/contact-center';
import { instant, type Instant } from '@queuecast/events';
import { InvalidReportError } from './errors.js';
import { text, whole } from './literals.js';
import type { DefinitionChange, IntervalReportRequest, ReportDefinitions } from './port.js';

/** Most rows of one page. */
export const MAX_PAGE_ROWS = 10_000;

/** Most rows of a page of few figures by interval: a day of five hundred queues, by the quarter, is one page. */
export const MAX_INTERVAL_ROWS = 50_000;
/** With more figures than make these together, a page has fewer rows: its answer is made at one go. */
const MAX_PAGE_FIGURES = 500_000;

/** How many rows a page of so many figures each has, of as many as are asked for. */
export const pageRows = (asked: number, figures: number): number =>
  Math.min(asked, Math.max(MAX_PAGE_ROWS, Math.floor(MAX_PAGE_FIGURES / Math.max(1, figures))));

const GRAINS = ['minute', 'quarter', 'hour', 'day', 'total'] as const;

export const isTimeZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};

export const requireWhole = (field: string, value: number, least: number, most: number): void => {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new InvalidReportError(`${field}: must be a whole number from ${least} to ${most}`);
};

/** What every report over time is asked with. */
export type ReportRange = Pick<
  IntervalReportRequest,
  'from' | 'to' | 'grain' | 'timeZone' | 'businessDayStart' | 'limit'
>;

const MIDNIGHT = '00:00';

/** @throws InvalidReportError that names the field and the remedy */
export const checkRange = (request: ReportRange, mostRows = MAX_PAGE_ROWS): void => {
  if (!Number.isInteger(request.from)) throw new InvalidReportError('from: must be an instant in milliseconds');
  if (!Number.isInteger(request.to)) throw new InvalidReportError('to: must be an instant in milliseconds');
  if (request.from >= request.to) throw new InvalidReportError('to: must be later than from');
  if (!GRAINS.includes(request.grain)) throw new InvalidReportError(`grain: must be one of ${GRAINS.join(', ')}`);
  if (!isTimeZone(request.timeZone))
    throw new InvalidReportError('timeZone: must be an IANA time zone, for instance Europe/Brussels');
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(request.businessDayStart ?? MIDNIGHT))
    throw new InvalidReportError('businessDayStart: must be a time of day like 04:00');
  requireWhole('limit', request.limit, 1, mostRows);
};

/** Whether rows may begin within a quarter of an hour, so that quarters are not to be added up whole. */
export const areOffQuarters = ({ grain, businessDayStart = MIDNIGHT }: ReportRange): boolean =>
  (grain === 'day' || grain === 'total') && Number(businessDayStart.slice(3)) % 15 !== 0;

/**
 * Epoch second as of which metrics tell who waits beyond the threshold: now, or the instant looked back at. Not the end
 * of what is asked for, or the same interval would have another service level in a report over another range.
 */
export const asOfSecond = (now: number): number => Math.floor(now / 1000);

/** The definitions of a report: its columns, and the epoch second at which each change within the range begins. */
export interface Definitions {
  readonly columns: readonly ServedMetric[];
  readonly changes: ReadonlyMap<string, number>;
}

/** @throws UnknownMetricError */
export const definitionsFor = (
  registry: MetricRegistry,
  request: Pick<ReportRange, 'from' | 'to' | 'timeZone' | 'businessDayStart'>,
  asked: readonly string[],
  subject: MetricSubject,
  attribution: Attribution,
): Definitions => {
  const { from, to, timeZone, businessDayStart = MIDNIGHT } = request;
  const columns = registry.select({
    asked,
    subject,
    attribution,
    firstDay: businessDayOf(timeZone, businessDayStart, from),
    lastDay: businessDayOf(timeZone, businessDayStart, instant(to - 1)),
  });
  const days = columns.flatMap(({ versions }) => versions.slice(1).map(({ validFrom }) => validFrom));
  const changes = [...new Set(days)]
    .sort()
    .map((day): [string, number] => [day, startOfBusinessDate(timeZone, businessDayStart, day) / 1000]);
  return { columns, changes: new Map(changes) };
};

/** What a report says about its definitions. */
export const describeDefinitions = ({ columns, changes }: Definitions): ReportDefinitions => ({
  metrics: [...new Set(columns.flatMap(({ versions }) => versions.map(citation)))],
  columns: columns.map(({ key, versions }) => ({ key, metrics: versions.map(citation) })),
  changes: columns.flatMap(({ key, versions }) =>
    versions.slice(1).map((metric, n): DefinitionChange => ({
      key,
      at: ((changes.get(metric.validFrom) ?? 0) * 1000) as Instant,
      from: citation(versions[n] ?? metric),
      to: citation(metric),
    })),
  ),
});

/**
 * Epoch seconds at which the row's bucket begins, from `start_s`. Hours are cut where the zone's clock shows a full hour,
 * so that both hours of a day that has one twice stay apart; a day begins when the zone's clock first shows the business
 * day's start. A total is split where a definition changes.
 */
export const bucketSql = (
  { grain, timeZone, businessDayStart = MIDNIGHT, from, to }: ReportRange,
  changes: ReadonlyMap<string, number>,
): string => {
  const zone = text(timeZone);
  switch (grain) {
    case 'minute':
      return 'start_s';
    case 'quarter':
      return 'toUInt32(intDiv(start_s, 900) * 900)';
    case 'hour':
      return `toUInt32(start_s - positiveModulo(toInt64(start_s) + timezoneOffset(toDateTime(start_s, ${zone})), 3600))`;
    case 'day': {
      if (businessDayStart === MIDNIGHT) return `toUInt32(toStartOfDay(toDateTime(start_s, ${zone})))`;
      // Bounds are widened to whole minutes; an hour before and after holds those.
      const range = { from: instant(from - 3_600_000), to: instant(to + 3_600_000) };
      const starts = startsOfBusinessDays(timeZone, businessDayStart, range).map((start) => whole(start / 1000));
      return `toUInt32(roundDown(start_s, [${starts.join(', ')}]))`;
    }
    case 'total': {
      const starts = [Math.floor(from / 1000), ...changes.values()];
      const last = starts.at(-1) ?? 0;
      const branches = starts.slice(1).map((change, n) => `start_s < ${whole(change)}, ${whole(starts[n] ?? 0)}`);
      return branches.length === 0
        ? `toUInt32(${whole(last)})`
        : `toUInt32(multiIf(${branches.join(', ')}, ${whole(last)}))`;
    }
  }
};

/** A value as the engine's JSON gives it: 64-bit integers are quoted. */
export type JsonValue = string | number | null;

export const numberOf = (value: JsonValue | undefined): number | null =>
  value === null || value === undefined ? null : Number(value);
