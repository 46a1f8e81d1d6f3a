import { METRIC_PARAMETERS, metricsOver, type Measure, type ServedMetric } from '@queuecast/metrics';
import { stretchesOf, type RowsOf, type Stretch } from './interval-rows.js';
import { MINUTE, QUARTER } from './interval-keys.js';
import { text, wellFormed, whole } from './literals.js';
import type { QueueKey, WindowRequest } from './port.js';

/** What metrics are counted by, in whole seconds. */
type Parameters = Readonly<Record<(typeof METRIC_PARAMETERS)[number], number>>;

/** What windows of many queues have in common: their time, and what they are counted by. */
interface WindowShape {
  readonly number: number;
  readonly stretches: readonly Stretch[];
  readonly parameters: Parameters;
}

/** Queues of which windows of the same shapes are asked for, and those shapes that are counted alike: one SELECT. */
export interface WindowGroup {
  readonly parameters: Parameters;
  readonly shapes: readonly WindowShape[];
  readonly rows: RowsOf;
}

export interface GroupedWindows {
  readonly groups: readonly WindowGroup[];
  /** The requests, by their places in the list, that the figures of a queue in a shape answer. */
  readonly answeredBy: (shape: number, tenant: string, site: string, queue: string) => readonly number[];
}

/** Shapes of one group: each is a bit. */
const MOST_SHAPES = 50;

/** Names of tenants and sites have no slash. */
const keyOf = ({ tenant, site, queue }: QueueKey): string => `${tenant}/${site}/${wellFormed(queue)}`;

const appended = <Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void => {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
};

/**
 * Groups windows, so that a row need not be looked up among the requests: of a wallboard's five hundred queues most have
 * the same windows.
 *
 * @param byMinute as for {@link stretchesOf}
 */
export const groupWindows = (requests: readonly WindowRequest[], now: number, byMinute: boolean): GroupedWindows => {
  const shapes = new Map<string, WindowShape>();
  const answers = new Map<string, number[]>();
  const shapesOf = new Map<string, { readonly key: QueueKey; readonly shapes: Set<WindowShape> }>();
  requests.forEach((request, n) => {
    const { from, to, thresholdSeconds, shortAbandonSeconds } = request;
    const asOf = Math.floor(Math.min(to, now) / 1000);
    const name = [from, to, thresholdSeconds, shortAbandonSeconds].join(' ');
    const shape = shapes.get(name) ?? {
      number: shapes.size,
      stretches: stretchesOf(from, to, now, byMinute),
      parameters: { threshold_s: thresholdSeconds, short_abandon_s: shortAbandonSeconds, as_of_s: asOf },
    };
    shapes.set(name, shape);
    const queue = keyOf(request);
    appended(answers, `${shape.number}/${queue}`, n);
    // A window that has only just begun has no rows.
    if (shape.stretches.length === 0) return;
    const own = shapesOf.get(queue) ?? { key: request, shapes: new Set() };
    own.shapes.add(shape);
    shapesOf.set(queue, own);
  });
  const alike = new Map<string, { readonly key: QueueKey; readonly shapes: Set<WindowShape> }[]>();
  for (const own of shapesOf.values()) appended(alike, [...own.shapes].map(({ number }) => number).join(' '), own);
  const groups = [...alike.values()].flatMap((queues): WindowGroup[] => {
    const distinct = (of: (key: QueueKey) => string): string[] => [...new Set(queues.map(({ key }) => of(key)))];
    const rows = {
      tenants: distinct(({ tenant }) => tenant),
      sites: distinct(({ site }) => site),
      queues: distinct(({ queue }) => queue),
    };
    const counted = new Map<string, WindowShape[]>();
    for (const shape of queues[0]?.shapes ?? []) appended(counted, Object.values(shape.parameters).join(' '), shape);
    return [...counted.values()].flatMap((own) =>
      Array.from({ length: Math.ceil(own.length / MOST_SHAPES) }, (_, part) => ({
        parameters: (own[0] as WindowShape).parameters,
        shapes: own.slice(part * MOST_SHAPES, (part + 1) * MOST_SHAPES),
        rows,
      })),
    );
  });
  return {
    groups,
    answeredBy: (shape, tenant, site, queue) => answers.get(`${shape}/${tenant}/${site}/${queue}`) ?? [],
  };
};

const isWithin = ({ stretches }: WindowShape): string =>
  stretches
    .map(({ from, fromSecond, toSecond }) => {
      const grain = from === 'quarters' ? QUARTER : MINUTE;
      return `(grain_s = ${grain} AND start_s >= ${whole(fromSecond)} AND start_s < ${whole(toSecond)})`;
    })
    .join(' OR ');

const SHAPE_KEY = ['shape', 'tenant', 'site', 'queue'];

/**
 * SELECT of the metrics by `shape`, `tenant`, `site`, `queue` of a group. Windows overlap: a row is read and counted once.
 *
 * @param rows SQL of interval rows of the group
 * @param areExact whether these are of the group's stretches alone
 */
export const metricsByShape = (
  metrics: readonly ServedMetric[],
  { shapes, parameters, rows: { tenants } }: WindowGroup,
  rows: string,
  measures: readonly Measure[],
  areExact: boolean,
): string => {
  // Nothing is grouped by a constant.
  const tenant = tenants.length === 1 ? `${text(tenants[0] ?? '')} AS tenant` : 'tenant';
  const select = (shape: string, where = ''): string =>
    `SELECT ${shape}, ${tenant}, site, queue, ${METRIC_PARAMETERS.map(
      (name) => `toUInt32(${whole(parameters[name])}) AS ${name}`,
    ).join(', ')}${measures.map(({ name }) => `, ${name}`).join('')}\nFROM (\n${rows}\n)${where}`;
  const [only, ...others] = shapes;
  if (only && others.length === 0) {
    const shape = `toUInt32(${whole(only.number)}) AS shape`;
    return metricsOver(metrics, select(shape, areExact ? '' : `\nWHERE ${isWithin(only)}`), SHAPE_KEY);
  }
  const bits = shapes.map((shape, n) => `if(${isWithin(shape)}, ${whole(2 ** n)}, 0)`).join(' + ');
  const numbers = shapes.map(({ number }) => whole(number)).join(', ');
  return metricsOver(metrics, select(`toUInt64(${bits}) AS bits`), SHAPE_KEY, new Map(), {
    column: 'bits',
    groups: `arrayMap(bit -> toUInt32([${numbers}][bit + 1]), bitPositionsToArray(bits))`,
    group: 'shape',
  });
};
