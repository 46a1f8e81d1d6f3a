import { metricsOver, type Measure, type ServedMetric } from '@queuecast/metrics';
import { stretchesOf, type RowsOf, type Stretch } from './interval-rows.js';
import { MINUTE, QUARTER } from './interval-keys.js';
import { text, wellFormed, whole } from './literals.js';
import type { QueueKey, WindowRequest } from './port.js';

/** What the windows of a queue are counted by, in whole seconds. */
interface Counted {
  readonly threshold: number;
  readonly shortAbandon: number;
}

/** What windows of many queues have in common: their time. */
interface WindowShape {
  readonly number: number;
  readonly stretches: readonly Stretch[];
}

/** Queues of which windows of the same shapes are asked for, and those shapes that are counted alike: one SELECT. */
export interface WindowGroup {
  readonly shapes: readonly WindowShape[];
  readonly rows: RowsOf;
  /** By `tenant/site/queue`. */
  readonly counted: ReadonlyMap<string, Counted>;
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

/** A queue, and how it is counted in each of its shapes. */
interface AskedQueue {
  readonly key: QueueKey;
  readonly shapes: Map<WindowShape, Counted>;
}

const isSame = (one: Counted, other: Counted): boolean =>
  one.threshold === other.threshold && one.shortAbandon === other.shortAbandon;

/** The shapes of a queue, those that are counted alike together. */
const countedAlike = ({ shapes }: AskedQueue): WindowShape[][] => {
  const alike: { readonly counted: Counted; readonly shapes: WindowShape[] }[] = [];
  for (const [shape, counted] of [...shapes].sort(([one], [other]) => one.number - other.number)) {
    const known = alike.find((each) => isSame(each.counted, counted));
    if (known && known.shapes.length < MOST_SHAPES) known.shapes.push(shape);
    else alike.push({ counted, shapes: [shape] });
  }
  return alike.map((each) => each.shapes);
};

const groupOf = (shapes: readonly WindowShape[], queues: readonly AskedQueue[]): WindowGroup => {
  const distinct = (of: (key: QueueKey) => string): string[] => [...new Set(queues.map(({ key }) => of(key)))];
  const first = shapes[0] as WindowShape;
  return {
    shapes,
    rows: {
      tenants: distinct(({ tenant }) => tenant),
      sites: distinct(({ site }) => site),
      queues: distinct(({ queue }) => queue),
    },
    counted: new Map(queues.map((asked) => [keyOf(asked.key), asked.shapes.get(first) as Counted])),
  };
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
  const queues = new Map<string, AskedQueue>();
  const shapeOf = (from: number, to: number, copy: number): WindowShape => {
    const name = `${from} ${to} ${copy}`;
    const shape = shapes.get(name) ?? {
      number: shapes.size,
      stretches: stretchesOf(from, to, now, byMinute),
    };
    shapes.set(name, shape);
    return shape;
  };
  requests.forEach((request, n) => {
    const counted = { threshold: request.thresholdSeconds, shortAbandon: request.shortAbandonSeconds };
    const name = keyOf(request);
    const asked = queues.get(name) ?? { key: request, shapes: new Map<WindowShape, Counted>() };
    queues.set(name, asked);
    // One window of one queue that is counted in two ways is two.
    for (let copy = 0; ; copy += 1) {
      const shape = shapeOf(request.from, request.to, copy);
      // One that has only just begun has no rows.
      if (shape.stretches.length === 0) return;
      if (!isSame(asked.shapes.get(shape) ?? counted, counted)) continue;
      asked.shapes.set(shape, counted);
      appended(answers, `${shape.number}/${name}`, n);
      return;
    }
  });
  const alike = new Map<string, { readonly shapes: WindowShape[][]; readonly queues: AskedQueue[] }>();
  for (const asked of queues.values()) {
    const own = countedAlike(asked);
    const name = own.map((each) => each.map(({ number }) => number).join(' ')).join(', ');
    const known = alike.get(name);
    if (known) known.queues.push(asked);
    else alike.set(name, { shapes: own, queues: [asked] });
  }
  return {
    groups: [...alike.values()].flatMap((each) => each.shapes.map((own) => groupOf(own, each.queues))),
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
 * @param asOf epoch second, see `asOfSecond`
 */
export const metricsByShape = (
  metrics: readonly ServedMetric[],
  { shapes, counted, rows: { tenants } }: WindowGroup,
  rows: string,
  measures: readonly Measure[],
  { areExact, asOf }: { readonly areExact: boolean; readonly asOf: number },
): string => {
  // Nothing is grouped by a constant.
  const tenant = tenants.length === 1 ? `${text(tenants[0] ?? '')} AS tenant` : 'tenant';
  const byQueue = (of: (counted: Counted) => number): string => {
    const values = [...counted.values()].map((each) => whole(of(each)));
    if (new Set(values).size === 1) return values[0] ?? '0';
    const keys = [...counted.keys()].map(text).join(', ');
    return `transform(concat(tenant, '/', site, '/', queue), [${keys}], [${values.join(', ')}], 0)`;
  };
  const select = (shape: string, where = ''): string =>
    `SELECT ${shape}, ${tenant}, site, queue, toUInt32(${byQueue(({ threshold }) => threshold)}) AS threshold_s,
  toUInt32(${byQueue(({ shortAbandon }) => shortAbandon)}) AS short_abandon_s, toUInt32(${whole(asOf)}) AS as_of_s${measures
    .map(({ name }) => `, ${name}`)
    .join('')}\nFROM (\n${rows}\n)${where}`;
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
