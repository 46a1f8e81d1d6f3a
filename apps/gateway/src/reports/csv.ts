import type { IntervalReport } from '@queuecast/store';

const field = (value: string | number | null): string => {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/**
 * A report as CSV (RFC 4180): a header, then one line per row; nothing to divide by is an empty field. A column is headed
 * by the definitions it is by, several of them joined by `|`.
 */
export const csvOf = (report: IntervalReport): string => {
  const lines = [
    ['site', 'queue', 'channel', 'start', ...report.columns.map(({ metrics }) => metrics.join('|'))],
    ...report.rows.map((row) => [
      row.site,
      row.queue,
      row.channel,
      new Date(row.start).toISOString(),
      ...report.columns.map(({ key }) => row.values[key] ?? null),
    ]),
  ];
  return lines.map((line) => `${line.map(field).join(',')}\r\n`).join('');
};
