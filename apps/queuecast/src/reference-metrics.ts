import {
  ATTRIBUTIONS,
  CALLBACK_CLASSES,
  CALLBACK_MEASURES,
  citation,
  LEDGER_CLASSES,
  MEASURES,
  METRICS,
  SPELL_MEASURES,
  type Attribution,
  type Measure,
  type Metric,
  type WorkedExample,
} from '@queuecast/metrics';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const ATTRIBUTION_TEXTS: Readonly<Record<Attribution, string>> = {
  arrival: 'Everything about a leg counts where it joined the queue.',
  event:
    'Everything counts where it happened: joining, answer, hang-up, end of talk, end of wrap-up (the column *when* below).',
  end: 'Everything about a leg counts where its conversation ended (or its wait, if there was none). What has not ended counts nowhere.',
  clipped:
    'Durations (those with a column *cut*) are cut at the edges of the intervals, and each part counts where it passed; everything else as by event.',
};

const MOMENT_TEXTS: Readonly<Record<Measure['moment'], string>> = {
  queued: 'joined the queue',
  offered: 'a phone rang',
  declined: 'it was let pass or rejected',
  left: 'stopped waiting',
  ended: 'conversation ended',
  wrapped: 'wrap-up ended',
};

const numberText = (value: number, unit: Metric['unit'] | null): string => {
  if (unit === 'ratio') return String(Math.round(value * 10_000) / 10_000);
  if (unit === 'ms') return `${value} ms (${value / 1000} s)`;
  return String(value);
};

const givenText = ([name, value]: [string, WorkedExample['given'][string]]): string => {
  if (typeof value === 'number') return `${name} = ${value}`;
  if (Array.isArray(value)) return `${name} = {${value.join(', ')}}`;
  return `${name} = {${Object.entries(value)
    .map(([key, count]) => `${key}: ${count}`)
    .join(', ')}}`;
};

const givesText = ({ gives }: WorkedExample, unit: Metric['unit']): string => {
  if (gives === null) return 'nothing to divide by';
  if (typeof gives === 'number') return numberText(gives, unit);
  return givenText(['', gives]).replace(' = ', '');
};

const section = (metric: Metric): string[] => {
  const { example, nearest } = metric;
  const from = metric.validFrom === '1970-01-01' ? '' : `, from ${metric.validFrom}`;
  return [
    `### \`${citation(metric)}\` ${metric.name}`,
    '',
    `${metric.meaning} Unit: ${metric.unit}; by ${metric.attributions.join(', ')}${from}.`,
    '',
    '```sql',
    metric.sql,
    '```',
    '',
    `Example: ${example.text} ${Object.entries(example.given).map(givenText).join('; ')} gives ${givesText(example, metric.unit)}.`,
    '',
    `Nearest: Amazon Connect ${nearest.amazonConnect ?? '–'}; Genesys Cloud ${nearest.genesysCloud ?? '–'}.`,
    '',
  ];
};

const measureRow = ({ name, meaning, moment, stretch, source }: Measure): string =>
  `| \`${name}\` | ${cell(meaning)} | ${source === 'legs' ? MOMENT_TEXTS[moment] : 'arrival only'} | ${stretch ?? ''} |`;

/** `docs/reference/metrics.md`: every definition there has ever been, from the registry. */
export const metricsPage = (): string =>
  [
    '# Metrics',
    '',
    'Every number that a wallboard, a report or an export shows is one of these, and is cited as `id@version`. A changed',
    'definition is a new version from a date; the old one stays, so that old reports can be reproduced. A report over the',
    'change serves each row by the version in force where the row begins, names both, and splits a total there;',
    '`metrics=service_level@1` asks for one version throughout. Durations are milliseconds, ratios are shares from 0 to 1',
    '(`transfers_per_contact` alone can be more), and null means that there is nothing to divide by.',
    '',
    'A leg is one join of one queue by one contact. Agents’ consult calls are legs, but no customers: they count nowhere but in',
    '`internal`.',
    '',
    '## The ledger',
    '',
    `It balances, per queue, channel and interval: offered = ${LEDGER_CLASSES.join(' + ')}. By event and clipped, those`,
    'carried in from before stand beside offered, and still_waiting is who waits at the end. `GET /v1/reports/ledger` shows it',
    'with the difference, which is 0, and leads to the legs behind each number.',
    '',
    '## Attribution',
    '',
    'Which interval something counts in is a parameter of every [report](../reports.md):',
    '',
    '| attribution | |',
    '|---|---|',
    ...ATTRIBUTIONS.map((name) => `| \`${name}\` | ${ATTRIBUTION_TEXTS[name]} |`),
    '',
    'A quotient is to be had only where what it divides and what it divides by count in the same row: the share of calls',
    'answered in time by `event` is of the waits that ended in the row, and a mean wait by `clipped` would be of pieces. Each',
    'metric below says what it can be attributed by; a report by another refuses it by name, and leaves it out if it names',
    'no metrics. By `event`, who still waits counts where he joined until he leaves.',
    '',
    'A duration is known when it is over: until then none of it counts, by whatever attribution. The time of agents is the',
    'exception: it is always clipped, and a state that lasts counts up to now.',
    '',
    '## Quantiles',
    '',
    'By nearest rank on whole seconds. Each wait is rounded up to the second; the p-quantile of n waits is the one of rank',
    'ceil(n × p) in ascending order: the smallest whole second such that at least that share waited no longer. Nothing is',
    'interpolated or approximated, and adding intervals up gives the quantile of all their waits.',
    '',
    '## Agents',
    '',
    'An agent who serves several queues has one time, and it cannot be shared out among them without an assumption. So the',
    'report on agents lists one of four things: the `site`; the `group` of agents who serve exactly the same queues, which add',
    'up to the site; the `queue`, with all the time of everyone who serves it, which add up to more than the site; or the',
    '`agent`. A state lasts until the next one is told, over midnight too; nobody is logged off because a day ends.',
    '',
    '## Repeat contacts',
    '',
    'Two inbound contacts of one caller key on one group of queues, the second joining at most N days after the first. Which',
    'queues form a group, and N, are parameters of a report, and else settings; a queue that is in no group is by itself.',
    'Contacts without a caller key, and those that the centre began, are left out. First-contact resolution is known of a',
    'contact when N days have passed.',
    '',
    '## Promises of a call back',
    '',
    `Every promise is in one class at any instant: callbacks_promised = ${CALLBACK_CLASSES.map((name) => `callbacks_${name}`).join(' + ')}.`,
    'It counts when it was made. What fell due and was not kept is broken, and moves to late once it is kept after all; a',
    'promise that the centre withdraws is broken, too. A customer who moves his call to another time moves what is due.',
    'A number that asks again while it has an open promise of the queue has one promise.',
    '',
    '## Closed hours',
    '',
    'After-hours waiters are told by the calendar of the queue (opening hours and holidays in its zone). Being sent away at the',
    'instant of closing is not waiting after hours.',
    '',
    '## Definitions',
    '',
    ...METRICS.flatMap(section),
    '## Measures',
    '',
    'What definitions are made of: aggregates over legs, kept by the minute and the quarter of an hour, by arrival.',
    '',
    '| measure | meaning | when | cut |',
    '|---|---|---|---|',
    ...MEASURES.map(measureRow),
    '',
    'And over the spells of agents, cut at the edges of intervals:',
    '',
    '| measure | meaning |',
    '|---|---|',
    ...SPELL_MEASURES.map(({ name, meaning }) => `| \`${name}\` | ${cell(meaning)} |`),
    '',
    'And over promises of a call back:',
    '',
    '| measure | meaning |',
    '|---|---|',
    ...CALLBACK_MEASURES.map(({ name, meaning }) => `| \`${name}\` | ${cell(meaning)} |`),
    '',
    'Parameters: `threshold_s` and `short_abandon_s` are whole seconds (`thresholdSeconds`, `shortAbandonSeconds`); `as_of_s`',
    'is now, or the instant looked back at, in epoch seconds.',
    '',
  ].join('\n');
