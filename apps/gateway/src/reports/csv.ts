import type { IntervalReport } from '@queuecast/store';

const field = (value: string | number | null): string => {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** A report as CSV (RFC 4180): a header, then one line per row; nothing to divide by is an empty field. */
export const csvOf = (report: IntervalReport): string => {
  const ids = report.metrics.map((citation) => citation.replace(/@.*$/, ''));
  const lines = [
    ['site', 'queue', 'channel', 'start', ...report.metrics],
    ...report.rows.map((row) => [
      row.site,
      row.queue,
      row.channel,
      new Date(row.start).toISOString(),
      ...ids.map((id) => row.values[id] ?? null),
    ]),
  ];
  return lines.map((line) => `${line.map(field).join(',')}\r\n`).join('');
};
