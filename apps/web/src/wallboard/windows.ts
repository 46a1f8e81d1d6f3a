import type { WindowName } from '@queuecast/contact-center';
import { readReport, type ReportPage } from './reports.js';

const METRICS = ['offered', 'answered', 'abandoned', 'service_level', 'asa', 'aht'] as const;
type Figure = (typeof METRICS)[number];

/** One window of a queue: counts, the service level as a share 0..1, ASA and AHT in milliseconds. */
export interface QueueWindow {
  readonly window: WindowName;
  /** Milliseconds since the epoch; the end is not included. */
  readonly from: number;
  readonly to: number;
  readonly timeZone: string;
  readonly values: Readonly<Record<Figure, number | null>>;
}

/** A definition that is younger than the earliest window. */
export interface NewDefinition {
  readonly metric: string;
  readonly at: number;
}

export interface QueueWindows {
  readonly windows: readonly QueueWindow[];
  readonly changes: readonly NewDefinition[];
}

interface Page extends ReportPage<Omit<QueueWindow, 'from' | 'to'> & { readonly from: string; readonly to: string }> {
  readonly changes: readonly { readonly key: string; readonly at: string }[];
}

/**
 * Reads the windows of one queue.
 *
 * @throws Error with the server's reason when the report is refused
 */
export const loadWindows = async (queue: string): Promise<QueueWindows> => {
  const pages = await readReport<Page>('windows', { queue, metrics: METRICS.join(',') });
  return {
    windows: pages.flatMap(({ rows }) =>
      rows.map((row) => ({ ...row, from: Date.parse(row.from), to: Date.parse(row.to) })),
    ),
    changes: (pages[0]?.changes ?? []).map(({ key, at }) => ({ metric: key, at: Date.parse(at) })),
  };
};

const TIME = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
const DATE = { weekday: 'short', day: 'numeric', month: 'short' } as const;
const SHOWN: Readonly<Record<WindowName, Intl.DateTimeFormatOptions>> = {
  last_15_minutes: TIME,
  last_30_minutes: TIME,
  last_60_minutes: TIME,
  today: TIME,
  yesterday: DATE,
  week_to_date: DATE,
  same_time_last_week: { ...DATE, ...TIME },
};

/** What a window covers, by the clock of the queue: `09:45 – 10:00`, `Tue 3 Mar`. */
export const spanText = ({ window, from, to, timeZone }: QueueWindow, locale: string): string => {
  const format = new Intl.DateTimeFormat(locale, { ...SHOWN[window], timeZone });
  // The last instant of yesterday is not today's first.
  return format.formatRange(from, window === 'yesterday' ? to - 1 : Math.max(from, to));
};
