import { citation, METRICS } from '@queuecast/metrics';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** `docs/reference/metrics.md`: every definition there has ever been, from the registry. */
export const metricsPage = (): string =>
  [
    '# Metrics',
    '',
    'Every number that a wallboard, a report or an export shows is one of these, and is cited as `id@version`. A changed',
    'definition is a new version; the old one stays, so that old reports can be reproduced. Durations are milliseconds.',
    '',
    '| metric | name | unit | meaning | by | from |',
    '|---|---|---|---|---|---|',
    ...METRICS.map((metric) => {
      const from = metric.validFrom === '1970-01-01' ? 'always' : metric.validFrom;
      return `| \`${citation(metric)}\` | ${cell(metric.name)} | ${metric.unit} | ${cell(metric.meaning)} | ${metric.attribution} | ${from} |`;
    }),
    '',
    'A leg is one join of one queue by one contact. The ledger balances, per queue, channel and interval: offered = answered',
    '+ abandoned + short_abandoned + flowed_out + callback_taken + dropped + closed_out + still_waiting.',
    '',
  ].join('\n');
