import { instant } from '@queuecast/events';
import { LEDGER_CLASSES, METRICS, MetricRegistry, metricsNamed, type Metric } from '@queuecast/metrics';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import {
  answered,
  at,
  flushOf,
  legStates,
  queue,
  siteKey,
  spell,
  YESTERDAY,
} from '../../../../libs/store/src/facts.testing.js';
import { REPORTS_KEY, RunningGateway } from '../gateway.testing.js';
import { agentsAnswer, contactsAnswer, intervalsAnswer, ledgerAnswer, windowsAnswer } from './answers.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const KEY = siteKey('acme');
const NIGHT = at(`${YESTERDAY}T00:00:00Z`);
const time = (text: string) => at(`${YESTERDAY}T${text}:00Z`);
const iso = (value: number): string => new Date(value).toISOString();

/** A definition that exists for this test only: answered of offered, from 15 March on. */
const [first] = metricsNamed(['service_level']) as [Metric];
const second: Metric = {
  ...first,
  version: 2,
  validFrom: '2026-03-15',
  sql: 'if(legs_offered = 0, NULL, legs_answered / legs_offered)',
};

let now = time('12:00') as number;
let gateway: RunningGateway;

beforeAll(async () => {
  gateway = await RunningGateway.start({ clock: () => now, registry: new MetricRegistry([...METRICS, second]) });
});
afterAll(() => gateway.stop());

type Parameters = Readonly<Record<string, string | readonly string[]>>;
const pathOf = (report: string, parameters: Parameters): string => {
  const query = new URLSearchParams(
    Object.entries(parameters).flatMap(([name, value]) =>
      (typeof value === 'string' ? [value] : value).map((each): [string, string] => [name, each]),
    ),
  );
  return `/v1/reports/${report}?${query.toString()}`;
};
const headers = { Authorization: `Bearer ${REPORTS_KEY}` };
/** A report's JSON, held against what the OpenAPI document says of it. */
const read = async <Answer extends z.ZodType>(path: string, answer: Answer): Promise<z.output<Answer>> => {
  const response = await gateway.get(path, headers);
  const body: unknown = await response.json();
  expect({ status: response.status, body }).toMatchObject({ status: 200 });
  return answer.parse(body);
};
const csv = async (path: string): Promise<string[]> => {
  const response = await gateway.get(path, { ...headers, Accept: 'text/csv' });
  expect(response.status).toBe(200);
  return (await response.text()).trimEnd().split('\r\n');
};

describe('attribution', () => {
  const range = { from: `${YESTERDAY}T09:00:00Z`, to: `${YESTERDAY}T10:00:00Z`, queue: 'long' };
  const metrics = ['offered', 'answered', 'handled', 'total_wait', 'talk_time', 'hold_time', 'wrap_time'];

  beforeAll(async () => {
    const long = answered(KEY, time('09:05'), 12 * MINUTE, {
      queue: 'long',
      contact: 'long-contact',
      endedAt: time('09:52'),
      wrappedUpAt: time('09:57'),
      holds: [{ from: time('09:31'), to: time('09:33') }],
      talkMs: 33 * MINUTE,
      holdMs: 2 * MINUTE,
      wrapMs: 5 * MINUTE,
    });
    await gateway.store.write(flushOf({ legs: [long] }));
  });

  /** Queued 09:05, answered 09:17, on hold 09:31 to 09:33, ended 09:52, wrapped up 09:57. */
  it.each([
    ['arrival', { '09:00': [1, 1, 1, 12, 33, 2, 5] }],
    ['event', { '09:00': [1, 0, 0, 0, 0, 0, 0], '09:15': [0, 1, 0, 12, 0, 0, 0], '09:45': [0, 0, 1, 0, 33, 2, 5] }],
    ['end', { '09:45': [1, 1, 1, 12, 33, 2, 5] }],
    [
      'clipped',
      {
        '09:00': [1, 0, 0, 10, 0, 0, 0],
        '09:15': [0, 1, 0, 2, 13, 0, 0],
        '09:30': [0, 0, 0, 0, 13, 2, 0],
        '09:45': [0, 0, 1, 0, 7, 0, 5],
      },
    ],
  ] as const)('of one contact of 52 minutes over four quarters, by %s', async (attribution, expected) => {
    const path = pathOf('intervals', { ...range, metrics: metrics.join(','), attribution });
    const { rows, ...answer } = await read(path, intervalsAnswer);
    expect(answer.attribution).toBe(attribution);
    const found = rows
      .map(({ start, values }) => [
        start.slice(11, 16),
        metrics.map((id, n) => (values[id] ?? NaN) / (n < 3 ? 1 : MINUTE)),
      ])
      .filter(([, values]) => (values as number[]).some((value) => value !== 0));
    expect(Object.fromEntries(found)).toEqual(expected);
  });

  it('of the ledger by event carries the contact until its answer, and leads to it', async () => {
    const path = pathOf('ledger', { ...range, attribution: 'event' });
    const { rows } = await read(path, ledgerAnswer);
    expect(rows.map(({ carriedIn, offered, classes, imbalance }) => [carriedIn, offered, classes, imbalance])).toEqual([
      [0, 1, expect.objectContaining({ answered: 0, still_waiting: 1 }), 0],
      [1, 0, expect.objectContaining({ answered: 1, still_waiting: 0 }), 0],
      // The conversation ends, which is nothing to the ledger.
      [0, 0, expect.objectContaining({ answered: 0, still_waiting: 0 }), 0],
    ]);
    for (const link of [rows[0]?.links['still_waiting'], rows[1]?.links['carriedIn'], rows[1]?.links['answered']])
      expect((await read(link ?? '', contactsAnswer)).rows).toMatchObject([{ contact: 'long-contact', queue: 'long' }]);
  });

  it.each([
    ['intervals', { metrics: 'after_hours_waiters', attribution: 'event' }, 'metrics'],
    ['intervals', { metrics: 'occupancy' }, 'metrics'],
    ['intervals', { metrics: 'offered,asa', attribution: 'clipped' }, 'metrics'],
    ['windows', { metrics: 'decline_rate', attribution: 'event' }, 'metrics'],
    ['intervals', { businessDayStart: '4:00' }, 'businessDayStart'],
    ['intervals', { channels: 'voice' }, 'channels'],
    ['intervals', { metrics: 'service_level@3' }, 'metrics'],
    ['agents', { metrics: 'asa' }, 'metrics'],
    ['agents', { attribution: 'arrival' }, 'attribution'],
    ['ledger', { attribution: 'departure' }, 'attribution'],
    ['contacts', { cursor: 'made-up' }, 'cursor'],
    ['windows', { cursor: 'made-up' }, 'cursor'],
    ['windows', { window: 'tomorrow' }, 'window'],
    ['ledger', { cursor: 'made-up' }, 'cursor'],
  ])('%s refuses %j, naming the parameter', async (report, parameters, name) => {
    const { queue: _queue, ...times } = range;
    const response = await gateway.get(
      pathOf(report, { ...(report === 'windows' ? {} : times), ...parameters }),
      headers,
    );
    expect(response.status).toBe(400);
    const problem = (await response.json()) as { errors: { parameter: string }[] };
    expect(problem.errors.map(({ parameter }) => parameter)).toEqual([name]);
  });
});

describe('a report over several queues', () => {
  // Of support the threshold is 20 s, of others 150 s; abandons below 5 s are short in each.
  const day = { from: `${YESTERDAY}T18:00:00Z`, to: `${YESTERDAY}T19:00:00Z`, grain: 'total' };
  const metrics = 'service_level@1,answered_within';
  beforeAll(async () => {
    const legs = ['support', 'several'].flatMap((id, q) =>
      [10, 100].map((seconds, n) =>
        answered(KEY, time('18:10'), seconds * 1000, {
          queue: id,
          contact: `several-${id}-${n}`,
          channel: n === 0 ? 'voice' : 'chat',
          version: 2 * q + n + 1,
        }),
      ),
    );
    await gateway.store.write(flushOf({ legs }));
  });

  it('counts each by its own thresholds, as its own report does', async () => {
    const of = async (...queues: readonly string[]) => {
      const path = pathOf('intervals', { ...day, metrics, channels: 'together', queue: queues });
      return read(path, intervalsAnswer);
    };
    const both = await of('support', 'several');
    expect(both).toMatchObject({
      thresholdSeconds: null,
      shortAbandonSeconds: 5,
      thresholds: {
        support: { thresholdSeconds: 20, shortAbandonSeconds: 5 },
        several: { thresholdSeconds: 150, shortAbandonSeconds: 5 },
      },
    });
    const alone = [await of('several'), await of('support')];
    expect(alone.map(({ thresholdSeconds, thresholds }) => [thresholdSeconds, thresholds])).toEqual([
      [150, undefined],
      [20, undefined],
    ]);
    expect(both.rows).toEqual(alone.flatMap(({ rows }) => rows));
    expect(both.rows.map(({ queue: id, channel, values }) => [id, channel, values])).toEqual([
      ['several', 'all', { 'service_level@1': 1, answered_within: 2 }],
      ['support', 'all', { 'service_level@1': 0.5, answered_within: 1 }],
    ]);
    // One that is asked for is that of all: of an e-mail, two days.
    const path = pathOf('intervals', { ...day, metrics, queue: ['support', 'several'], thresholdSeconds: '172800' });
    const asked = await read(path, intervalsAnswer);
    expect(asked).toMatchObject({ thresholdSeconds: 172_800 });
    expect(asked.thresholds).toBeUndefined();
    expect(new Set(asked.rows.map(({ values }) => values['service_level@1']))).toEqual(new Set([1]));
  });

  it('begins its days where it is asked to', async () => {
    const path = pathOf('ledger', {
      ...day,
      grain: 'day',
      queue: 'several',
      timeZone: 'UTC',
      businessDayStart: '18:10',
    });
    const { rows, businessDayStart } = await read(path, ledgerAnswer);
    expect(businessDayStart).toBe('18:10');
    expect(rows.map(({ start, end, offered }) => [start, end, offered])).toEqual([
      [`${YESTERDAY}T18:10:00.000Z`, `${YESTERDAY}T19:00:00.000Z`, 1],
      [`${YESTERDAY}T18:10:00.000Z`, `${YESTERDAY}T19:00:00.000Z`, 1],
    ]);
  });
});

describe('a definition that changes', () => {
  // Midnight of 15 March in Brussels: one call on either side, both answered too late.
  const change = at('2026-03-14T23:00:00Z');
  const query = { from: '2026-03-14T22:00:00Z', to: '2026-03-15T00:00:00Z', queue: 'changing', thresholdSeconds: '10' };

  beforeAll(async () => {
    const calls = [-1, 1].map((side) =>
      answered(KEY, instant(change + side * MINUTE), MINUTE, {
        queue: 'changing',
        contact: `changing-${side}`,
        version: side + 2,
      }),
    );
    await gateway.store.write(flushOf({ legs: calls }));
  });

  it('is told in a report over it, and each row is by the definition of its day', async () => {
    const report = await read(pathOf('intervals', { ...query, metrics: 'service_level,offered' }), intervalsAnswer);
    expect(report.columns).toEqual([
      { key: 'service_level', metrics: ['service_level@1', 'service_level@2'] },
      { key: 'offered', metrics: ['offered@1'] },
    ]);
    expect(report.changes).toEqual([
      { key: 'service_level', at: iso(change), from: 'service_level@1', to: 'service_level@2' },
    ]);
    expect(report.rows.map(({ values }) => values['service_level'])).toEqual([0, 1]);
  });

  it('is told in CSV too, row by row', async () => {
    expect(await csv(pathOf('intervals', { ...query, metrics: 'service_level,offered' }))).toEqual([
      'site,queue,channel,start,service_level@1|service_level@2,service_level version,offered@1,corrected',
      'main,changing,voice,2026-03-14T22:45:00.000Z,0,service_level@1,1,',
      'main,changing,voice,2026-03-14T23:00:00.000Z,1,service_level@2,1,',
    ]);
  });

  it('can be asked for in either version throughout', async () => {
    const asked = { ...query, grain: 'total', metrics: ['service_level@1', 'service_level@2'] };
    const report = await read(pathOf('intervals', asked), intervalsAnswer);
    expect(report.changes).toEqual([]);
    expect(report.rows.map(({ values }) => values)).toEqual([{ 'service_level@1': 0, 'service_level@2': 1 }]);
    expect((await csv(pathOf('intervals', asked)))[0]).toBe(
      'site,queue,channel,start,service_level@1,service_level@2,corrected',
    );
  });

  it('makes no difference between windows, which are by the latest; it is told', async () => {
    now = at('2026-03-15T10:00:00Z');
    const asked = { queue: 'changing', window: 'yesterday,today', thresholdSeconds: '10' };
    const latest = await read(pathOf('windows', { ...asked, metrics: 'service_level' }), windowsAnswer);
    expect(latest.rows.map(({ values }) => values)).toEqual([{ service_level: 1 }, { service_level: 1 }]);
    expect(latest.columns).toEqual([{ key: 'service_level', metrics: ['service_level@2'] }]);
    expect(latest.changes).toEqual([
      { key: 'service_level', at: iso(change), from: 'service_level@1', to: 'service_level@2' },
    ]);
    const before = await read(pathOf('windows', { ...asked, metrics: 'service_level@1' }), windowsAnswer);
    expect(before.rows.map(({ values }) => values['service_level@1'])).toEqual([0, 0]);
    expect(before.changes).toEqual([]);
  });
});

describe('the ledger', () => {
  const range = { from: iso(NIGHT + 22 * HOUR), to: iso(NIGHT + 28 * HOUR), queue: ['queue-0', 'queue-1'] };

  beforeAll(async () => {
    const states = fc.sample(legStates(KEY), { numRuns: 60, seed: 7 });
    const current = new Map(states.map((state, n) => [state.contact, { ...state, version: n + 1 }]));
    await gateway.store.write(flushOf({ legs: [...current.values()] }));
  });

  it.each(['arrival', 'event', 'end', 'clipped'] as const)(
    'leads from every cell to the legs that make it up, by %s',
    async (attribution) => {
      for (const grain of ['quarter', 'day', 'total']) {
        const { rows } = await read(pathOf('ledger', { ...range, attribution, grain }), ledgerAnswer);
        expect(rows.length).toBeGreaterThan(1);
        for (const row of rows) {
          expect(row.imbalance).toBe(0);
          const cells = { ...row.classes, offered: row.offered, carriedIn: row.carriedIn };
          for (const [name, cell] of Object.entries(cells)) {
            const link = row.links[name];
            expect(link === undefined, `${name} of ${row.start}`).toBe(cell === 0);
            if (link === undefined) continue;
            const { rows: legs } = await read(link, contactsAnswer);
            expect(legs, `${name} of ${row.start} by ${grain}: ${link}`).toHaveLength(cell);
          }
        }
      }
    },
  );

  it('lists the legs of a cell page by page', async () => {
    const { rows } = await read(pathOf('ledger', { ...range, grain: 'total' }), ledgerAnswer);
    const cell = rows.toSorted((one, other) => other.offered - one.offered)[0];
    const legs: string[] = [];
    for (let path = `${cell?.links['offered']}&limit=2`; path !== '';) {
      const response = await gateway.get(path, headers);
      const page = contactsAnswer.parse(await response.json());
      expect(page.rows.length).toBeLessThanOrEqual(2);
      legs.push(...page.rows.map(({ leg: id, contact }) => `${contact} ${id}`));
      path = /^<(.*)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1] ?? '';
      expect(path === '').toBe(page.nextCursor === null);
    }
    expect(legs.length).toBeGreaterThan(2);
    expect(new Set(legs).size).toBe(cell?.offered);
  });

  it('is CSV with every term of the identity', async () => {
    const [header, ...lines] = await csv(pathOf('ledger', { ...range, attribution: 'event', grain: 'total' }));
    const names = header?.split(',') ?? [];
    expect(names).toEqual([
      'site',
      'queue',
      'channel',
      'start',
      'end',
      'carriedIn',
      'offered@1',
      'contacts@1',
      ...LEDGER_CLASSES.map((name) => `${name}@1`),
      'imbalance',
      'corrected',
    ]);
    for (const line of lines) {
      const value = (name: string): number => Number(line.split(',')[names.indexOf(name)]);
      const accounted = LEDGER_CLASSES.reduce((sum, name) => sum + value(`${name}@1`), 0);
      expect(value('carriedIn') + value('offered@1')).toBe(accounted);
    }
    const [contacts] = await csv(pathOf('contacts', range));
    expect(contacts).toMatch(/^site,queue,channel,contact,leg,class,outcome,agent,queuedAt,/);
  });
});

describe('windows', () => {
  const call = (id: string, queuedAt: string, more = {}) =>
    answered(KEY, at(queuedAt), 10_000, { queue: id, contact: `${id} ${queuedAt}`, ...more });
  const offered = async (id: string): Promise<Record<string, number | null>> => {
    const { rows } = await read(pathOf('windows', { queue: id, metrics: 'offered' }), windowsAnswer);
    return Object.fromEntries(rows.map(({ window, values }) => [window, values['offered'] ?? null]));
  };

  it('cut the days of 23 and of 25 hours where the queue’s clock does', async () => {
    const times = ['2026-10-24T21:59:59Z', '2026-10-24T22:00:00Z', '2026-10-25T01:30:00Z', '2026-10-25T22:59:59Z'];
    const spring = ['2026-03-28T22:59:59Z', '2026-03-28T23:00:00Z', '2026-03-29T21:59:59Z', '2026-03-29T22:00:00Z'];
    await gateway.store.write(flushOf({ legs: [...times, ...spring].map((queuedAt) => call('night', queuedAt)) }));
    now = at('2026-10-26T09:00:00Z');
    expect(await offered('night')).toMatchObject({ yesterday: 3, today: 0, week_to_date: 0 });
    now = at('2026-03-30T09:00:00Z');
    expect(await offered('night')).toMatchObject({ yesterday: 2, today: 1, week_to_date: 1 });
    now = at('2026-03-29T22:00:00Z');
    expect(await offered('night')).toMatchObject({ yesterday: 2, today: 0 });
    // A quarter to midnight of the Sunday that is 23 hours long; a week before it, the Sunday of 24 hours.
    now = at('2026-03-29T21:45:00Z');
    const { rows } = await read(pathOf('windows', { queue: 'night', metrics: 'offered' }), windowsAnswer);
    const span = (name: string): string[] => {
      const row = rows.find(({ window }) => window === name);
      return [row?.from.slice(0, 16) ?? '', row?.to.slice(0, 16) ?? ''];
    };
    expect(span('today')).toEqual(['2026-03-28T23:00', '2026-03-29T21:45']);
    expect(span('same_time_last_week')).toEqual(['2026-03-21T23:00', '2026-03-22T22:45']);
  });

  it('cut the days of a half-hour zone, beside a queue of another zone', async () => {
    const times = ['2026-10-25T18:29:59Z', '2026-10-25T18:30:00Z', '2026-10-26T18:29:59Z', '2026-10-26T18:30:00Z'];
    await gateway.store.write(flushOf({ legs: times.map((queuedAt) => call('pune', queuedAt)) }));
    now = at('2026-10-26T19:00:00Z');
    expect(await offered('pune')).toMatchObject({ yesterday: 2, today: 1, week_to_date: 3, same_time_last_week: 0 });
    const { rows } = await read(
      pathOf('windows', { queue: ['pune', 'support'], window: 'today', metrics: 'offered,asa' }),
      windowsAnswer,
    );
    expect(rows).toMatchObject([
      { queue: 'pune', timeZone: 'Asia/Kolkata', from: '2026-10-26T18:30:00.000Z', values: { offered: 1 } },
      { queue: 'support', timeZone: 'Europe/Brussels', from: '2026-10-25T23:00:00.000Z', thresholdSeconds: 20 },
    ]);
    expect(rows[1]?.values).toEqual({ offered: 0, asa: null });
  });

  it('roll over the minutes before now', async () => {
    now = time('12:00');
    const times = ['11:44', '11:45', '11:31', '11:59', '11:00', '10:59'].map(time);
    await gateway.store.write(flushOf({ legs: times.map((queuedAt) => call('board', iso(queuedAt))) }));
    expect(await offered('board')).toMatchObject({ last_15_minutes: 2, last_30_minutes: 4, last_60_minutes: 5 });
  });

  it('come in pages of whole queues, as CSV too', async () => {
    const asked = { limit: '4', window: 'today,yesterday', metrics: 'offered' };
    const queues: string[] = [];
    let cursor: string | null = null;
    do {
      const page: z.output<typeof windowsAnswer> = await read(
        pathOf('windows', { ...asked, ...(cursor === null ? {} : { cursor }) }),
        windowsAnswer,
      );
      queues.push(...page.rows.map((row) => row.queue));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(queues).toEqual(['board', 'board', 'night', 'night', 'pune', 'pune', 'support', 'support']);
    const [header, line] = await csv(pathOf('windows', asked));
    expect(header).toBe('site,queue,window,from,to,thresholdSeconds,offered@1');
    expect(line).toMatch(/^main,board,today,/);
  });
});

describe('repeats', () => {
  beforeAll(async () => {
    const caller = { callerKey: 'k1', version: 1 };
    const legs = [
      answered(KEY, at('2026-05-04T08:00:00Z'), 1000, { queue: 'support', contact: 'r1', ...caller }),
      answered(KEY, at('2026-05-07T08:00:00Z'), 1000, { queue: 'board', contact: 'r2', ...caller }),
    ];
    await gateway.store.write(flushOf({ legs }));
    now = at('2026-06-01T00:00:00Z');
  });

  it.each([
    ['the settings: support and board are one group, 7 days', {}, 1],
    ['two days', { repeatDays: '2' }, 0],
    ['other groups', { queueGroup: 'support,night' }, 0],
    ['three days and two groups', { queueGroup: ['night,pune', 'support,board'], repeatDays: '3' }, 1],
  ])('are counted by %s', async (_what, parameters, expected) => {
    const query = { from: '2026-05-07T00:00:00Z', to: '2026-05-08T00:00:00Z', queue: 'board', grain: 'total' };
    const path = pathOf('intervals', { ...query, metrics: 'repeat_contacts', ...parameters });
    const { rows } = await read(path, intervalsAnswer);
    expect(rows.map(({ values }) => values['repeat_contacts'])).toEqual([expected]);
  });
});

describe('agents', () => {
  const day = { from: iso(NIGHT + 22 * HOUR), to: iso(NIGHT + 26 * HOUR), timeZone: 'UTC' };

  beforeAll(async () => {
    const marks = [
      [NIGHT + 21.5 * HOUR, 'available', null],
      [NIGHT + 23 * HOUR, 'busy', null],
      [NIGHT + 24.5 * HOUR, 'away', 'break'],
      [NIGHT + 25 * HOUR, 'available', null],
    ] as const;
    const spells = marks.map(([from, state, reason], n) =>
      spell(KEY, 'ann', instant(from), {
        to: marks[n + 1]?.[0] ?? null,
        state,
        reason,
        queues: [queue('support')],
        version: n + 1,
      }),
    );
    await gateway.store.write(flushOf({ spells }));
    now = NIGHT + 26 * HOUR;
  });

  it('work on over midnight: nobody is logged off because a day ends', async () => {
    const { rows } = await read(pathOf('agents', { ...day, by: 'agent', grain: 'day' }), agentsAnswer);
    expect(rows.map(({ of, start, values }) => [of, start, values])).toMatchObject([
      ['ann', iso(NIGHT), { staffed_time: 2 * HOUR, available_time: HOUR, busy_time: HOUR, occupancy: 0.5 }],
      [
        'ann',
        iso(NIGHT + 24 * HOUR),
        {
          staffed_time: 2 * HOUR,
          busy_time: HOUR / 2,
          away_time_by_reason: { break: HOUR / 2 },
          utilisation: 0.25,
        },
      ],
    ]);
    const quarters = await read(pathOf('agents', { ...day, metrics: 'agents,staffed_time' }), agentsAnswer);
    expect(quarters.rows).toHaveLength(16);
    for (const { values } of quarters.rows) expect(values).toEqual({ agents: 1, staffed_time: 15 * MINUTE });
  });

  it('are CSV, time away by reason as a map', async () => {
    const lines = await csv(
      pathOf('agents', { ...day, by: 'queue', grain: 'total', metrics: 'agents,away_time_by_reason' }),
    );
    expect(lines).toEqual([
      'site,queue,start,agents@1,away_time_by_reason@1',
      `main,support,${iso(NIGHT + 22 * HOUR)},1,"{""break"":1800000}"`,
    ]);
  });
});

describe('every report', () => {
  it('is described with its parameters and its answer', async () => {
    const document = (await (await gateway.get('/docs-json')).json()) as {
      paths: Record<
        string,
        {
          get?: {
            parameters?: { name: string; description?: string }[];
            responses: Record<string, { content?: Record<string, { schema?: { properties?: object } }> }>;
          };
        }
      >;
    };
    for (const report of ['intervals', 'ledger', 'contacts', 'agents', 'windows']) {
      const route = document.paths[`/v1/reports/${report}`]?.get;
      const names = route?.parameters?.map(({ name }) => name) ?? [];
      expect(names, report).toEqual(expect.arrayContaining(['attribution', 'limit', 'cursor', 'queue']));
      expect(route?.parameters?.every(({ description }) => description)).toBe(true);
      const content = route?.responses['200']?.content;
      expect(Object.keys(content?.['application/json']?.schema?.properties ?? {})).toContain('rows');
      expect(content?.['text/csv']).toBeDefined();
      expect(Object.keys(route?.responses ?? {})).toEqual(['200', '400', '401', '403', '422', '503']);
    }
  });

  it('is timed by its name', async () => {
    await gateway.get(pathOf('ledger', { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }), headers);
    const count = await gateway.sample('queuecast_report_seconds_count{report="ledger",status="200"}');
    expect(count).toBeGreaterThan(0);
  });

  it('answers any query below 500', async () => {
    const names = ['from', 'to', 'queue', 'grain', 'timeZone', 'metrics', 'limit', 'cursor', 'window', 'by', 'class'];
    const query = fc.array(fc.tuple(fc.constantFrom(...names), fc.string()), { maxLength: 3 });
    const report = fc.constantFrom('ledger', 'contacts', 'agents', 'windows');
    await fc.assert(
      fc.asyncProperty(report, query, async (name, pairs) => {
        const range =
          name === 'windows'
            ? []
            : [
                ['from', iso(NIGHT)],
                ['to', iso(NIGHT + HOUR)],
              ];
        const path = `/v1/reports/${name}?${new URLSearchParams([...range, ...pairs] as [string, string][]).toString()}`;
        const response = await gateway.get(path, headers);
        expect(response.status).toBeLessThan(500);
        await response.text();
      }),
      { numRuns: 60 },
    );
  });
});
