import { addToScore, figuresOf, NO_SCORE, QUEUED_ABOVE_S, RULES, type Score } from '@queuecast/wait-estimates';
import type { Replay, Scored } from './estimates-replay.js';
import { quantile } from './statistics.js';
import { grouped, table } from './table.js';

const ESTIMATORS = ['served', 'learner', ...RULES];
const NAMES: Readonly<Record<string, string>> = {
  served: 'served (p50, band)',
  learner: 'learner alone',
  les: 'LES',
  'pooled-les': 'LES, pooled',
  hol: 'HOL',
  ql: 'QL',
  qlm: 'QLm',
  'moving-average': 'moving average 30 min',
  asterisk: 'EWMA of app_queue',
};
/** Queues with more answers than this are held to the coverage one by one. */
const LARGE_QUEUE = 2_000;
const COVERAGE = { all: [0.78, 0.82], queued: [0.76, 0.84] } as const;

const figure = (value: number | null, digits: number): string => (value === null ? '' : value.toFixed(digits));
const share = (value: number | null): string => (value === null ? '' : (100 * value).toFixed(1));

const scoreBy = (scored: readonly Scored[], estimator: string): Score => {
  const sum = { ...NO_SCORE };
  for (const { forecasts, wait } of scored) {
    const forecast = forecasts[estimator];
    if (forecast) addToScore(sum, forecast, wait);
  }
  return sum;
};

/** Width of the band about LES that holds four fifths of its own errors, known only afterwards: seconds. */
const lesBand = (scored: readonly Scored[]): number => {
  const errors = scored.flatMap(({ forecasts, wait }) => (forecasts['les'] ? [wait - forecasts['les'].middle] : []));
  return quantile(errors, 0.9) - quantile(errors, 0.1);
};

const populationTable = (title: string, scored: readonly Scored[]): string => {
  const rows = ESTIMATORS.map((estimator) => {
    const figures = figuresOf(scoreBy(scored, estimator));
    return [
      NAMES[estimator] ?? estimator,
      grouped(figures.count),
      figure(figures.mae, 2),
      figure(figures.rmse, 2),
      figure(figures.bias, 2),
      share(figures.within30Share),
      share(figures.over60Share),
      share(figures.coverage),
      figure(figures.meanWidth, 1),
    ];
  });
  const header = [title, 'n', 'MAE s', 'RMSE s', 'bias s', '<=30 s %', '>60 s longer %', 'in band %', 'width s'];
  return `${table(header, rows)}\nLES's own empirical 80 % band is ${lesBand(scored).toFixed(1)} s wide.`;
};

const within = (value: number, [low, high]: readonly [number, number]): boolean => value >= low && value <= high;

const coverageRow = (name: string, scored: readonly Scored[]): string[] => {
  const queued = scored.filter(({ wait }) => wait > QUEUED_ABOVE_S);
  const [all, some] = [figuresOf(scoreBy(scored, 'served')), figuresOf(scoreBy(queued, 'served'))];
  const fails = [
    ...(within(all.coverage ?? 0, COVERAGE.all) ? [] : ['all']),
    ...(within(some.coverage ?? 0, COVERAGE.queued) ? [] : ['queued']),
  ];
  return [
    name,
    grouped(scored.length),
    grouped(queued.length),
    share(all.coverage),
    share(some.coverage),
    share(all.longerShare),
    figure(all.meanWidth, 1),
    fails.length === 0 ? 'yes' : `no: ${fails.join(', ')}`,
  ];
};

const groupedBy = (scored: readonly Scored[], key: (each: Scored) => string): Map<string, Scored[]> => {
  const groups = new Map<string, Scored[]>();
  for (const each of scored) {
    const group = groups.get(key(each));
    if (group) group.push(each);
    else groups.set(key(each), [each]);
  }
  return groups;
};

/** The report of a replay: accuracy by period, coverage by period and large queue, cost. */
export const reportLines = (replay: Replay): string[] => {
  const { scored } = replay;
  const periods = groupedBy(scored, ({ period }) => period);
  const lines: string[] = [];
  for (const [name, of] of [...(periods.size > 1 ? periods : []), ['all scored', scored] as const]) {
    const queued = of.filter(({ wait }) => wait > QUEUED_ABOVE_S);
    lines.push(
      '',
      populationTable(`${name}: all answered`, of),
      '',
      populationTable(`${name}: queued (> 1 s)`, queued),
    );
    const [served, les] = [figuresOf(scoreBy(queued, 'served')), figuresOf(scoreBy(queued, 'les'))];
    lines.push(`Served MAE over LES, queued: ${((served.mae ?? 0) / (les.mae ?? 1)).toFixed(3)}`);
  }
  const queues = [...groupedBy(scored, ({ queue }) => queue)].sort((a, b) => b[1].length - a[1].length);
  const large = queues.filter(([, of]) => of.length > LARGE_QUEUE);
  const rows = [
    ...[...periods].map(([name, of]) => coverageRow(name, of)),
    ...large.map(([queue, of]) => coverageRow(`queue ${queue}`, of)),
    ...[...periods].flatMap(([name, of]) =>
      [...groupedBy(of, ({ queue }) => queue)]
        .filter(([, some]) => some.length > LARGE_QUEUE)
        .sort((a, b) => b[1].length - a[1].length)
        .map(([queue, some]) => coverageRow(`${name}, queue ${queue}`, some)),
    ),
  ];
  const header = ['80 % band', 'n', 'queued', 'in band %', 'queued %', 'longer %', 'width s', '78..82 and 76..84'];
  const failing = rows.filter((row) => row.at(-1) !== 'yes');
  lines.push('', table(header, rows));
  lines.push(
    failing.length === 0
      ? 'Every line is inside.'
      : `Outside: ${failing.map(([name, , , , , , , why]) => `${name} (${why})`).join('; ')}.`,
  );
  const abstained = [...replay.abstained].map(([reason, count]) => `${reason} ${grouped(count)}`);
  lines.push(
    '',
    `Of ${grouped(replay.arrivals)} arrivals, the site would not tell an estimate to: ${abstained.join(', ') || 'none'} (scored above all the same).`,
    `An event takes ${replay.eventMicroseconds.toFixed(1)} microseconds (fold, signals, learning), over ${grouped(replay.events)} events, with whatever else ran on the machine.`,
    `Memory: ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB resident, the kept scores included.`,
  );
  return lines;
};
