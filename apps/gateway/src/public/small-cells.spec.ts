import { DateTime } from 'luxon';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { answered, flushOf, siteKey } from '../../../../libs/store/src/facts.testing.js';
import { recordOf } from '../callbacks/promise-record.js';
import { band, frame } from '../frame.testing.js';
import { next, RunningGateway } from '../gateway.testing.js';

/** A Tuesday morning. */
const START = DateTime.fromISO('2026-03-24T10:20:00', { zone: 'Europe/Brussels' });
const now = START.toMillis();
const HOUR = 3_600_000;
/** What no public document may hold: of callers and agents, and counts that stand nowhere else. */
const SECRETS = ['the-contact', 'the-leg', 'the-agent', 'the-supervisor', 'les', '7717', '7727', '7757', '7759'];

const least = 10;
const isInstant = (value: number): boolean => value > now - 400 * 24 * HOUR && value < now + 400 * 24 * HOUR;
const isMinutes = (value: number): boolean => value >= 0 && value <= 600;
/** Every number that a public document may have, by the end of its path, and what it may be. */
const NUMBERS: readonly (readonly [path: RegExp, allowed: (value: number) => boolean])[] = [
  [/\.(asOf|from|to|until)$/, isInstant],
  [/\.(lowMinutes|highMinutes)$/, isMinutes],
  [/^promise-record\.days$/, (value) => value === 90],
  [/^promise-record\.(due|kept|late|broken)$/, (value) => value === 0 || value >= least],
];

let gateway: RunningGateway;

beforeAll(async () => {
  gateway = await RunningGateway.start({ clock: () => now });
  // Nine contacts in an hour of three weeks: too few to tell of.
  const legs = [1, 2, 3].flatMap((ago) =>
    [0, 1, 2].map((n) =>
      answered(
        siteKey('acme'),
        START.minus({ weeks: ago }).plus({ hours: 2, minutes: n }).toMillis() as never,
        61_000,
        {
          contact: `the-contact-${ago}-${n}`,
          version: n + 1,
        },
      ),
    ),
  );
  await gateway.store.write(flushOf({ legs }));
  await gateway.outlooks.refresh();
  vi.spyOn(gateway.store, 'callbackReport').mockResolvedValue({
    metrics: [],
    columns: [],
    changes: [],
    rows: [
      {
        site: 'main',
        queue: 'support',
        start: now,
        values: { callbacks_kept: 5, callbacks_late: 3, callbacks_broken: 1 },
      },
    ],
    nextCursor: null,
  } as never);
  const waiting = { leg: 'the-leg', contact: 'the-contact', queuedAt: now - HOUR, priority: 7757, remaining: null };
  gateway.bus.publish([
    frame({
      at: now,
      version: 7759,
      waiting: 7717,
      oldest: [{ ...waiting, position: 1 }],
      agents: { available: 7727, offered: 1, busy: 2, wrap_up: 3, away: 4 },
      estimate: band(8, 10, 12, now),
      estimateRecord: { right: 3, of: 4, population: 'answered', since: now - HOUR, maeMs: 1 },
      callbacks: { open: 1, dueSoon: 1, overdue: 1, nextDueAt: now + HOUR },
      notices: [
        { id: 'n', severity: 'info', text: { en: 'Busy' }, until: now + HOUR, postedAt: now, by: 'the-supervisor' },
      ],
    }),
  ]);
});
afterAll(() => gateway.stop());

/** Numbers of a document by their paths. */
const numbersOf = (value: unknown, path: string): (readonly [path: string, value: number])[] => {
  if (typeof value === 'number') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => numbersOf(inner, `${path}.${key}`));
};

const expectNothingSmall = (name: string, document: unknown): void => {
  const text = JSON.stringify(document);
  for (const secret of SECRETS) expect(text, name).not.toMatch(new RegExp(`\\b${secret}\\b`));
  for (const [path, value] of numbersOf(document, name)) {
    const rule = NUMBERS.find(([pattern]) => pattern.test(path));
    expect(rule, `${path} is a number that no rule knows`).toBeDefined();
    expect(rule?.[1](value), `${path} is ${value}`).toBe(true);
  }
};

describe('no public document holds a count that could point at one person', () => {
  it('over HTTP: every one that is described, and is not of a link of its own', async () => {
    const { paths } = (await (await gateway.get('/docs-json')).json()) as {
      readonly paths: Record<string, Record<string, unknown>>;
    };
    const documents = Object.entries(paths)
      .filter(([path, methods]) => path.startsWith('/public/') && methods['get'] && !path.includes('{token}'))
      .map(([path]) => path);
    expect(documents.length).toBeGreaterThanOrEqual(6);
    for (const path of documents) {
      const response = await gateway.get(path.replace('{tenant}', 'acme').replace('{queue}', 'support'));
      expect(response.status, path).toBe(200);
      expectNothingSmall(path.split('/').at(-1)!.replace('.json', ''), await response.json());
    }
  });

  it('over the socket, when a watch is fulfilled too', async () => {
    const socket = gateway.public();
    socket.emit('subscribe', { tenant: 'acme', queue: 'support' });
    expectNothingSmall('queue', await next(socket, 'queue'));
    socket.emit('watch', { tenant: 'acme', queue: 'support', underMinutes: 60 });
    const { document } = await next<{ document: unknown }>(socket, 'under');
    expectNothingSmall('under', document);
  });

  it('tells how promises were kept only where many were, and of those not kept none or many', () => {
    const count = fc.integer({ min: 0, max: 40 });
    fc.assert(
      fc.property(count, count, count, (kept, late, broken) => {
        const record = recordOf('acme', kept, late, broken);
        const rest = late + broken;
        const isEnough = kept + rest >= least && [kept, rest].every((some) => some === 0 || some >= least);
        expect(record.due).toBe(isEnough ? kept + rest : null);
        expect(record.kept).toBe(isEnough ? kept : null);
        for (const told of [record.late, record.broken])
          expect(told === null || told === 0 || told >= least).toBe(true);
        // One of the two would tell the other.
        expect(record.late === null).toBe(record.broken === null);
      }),
    );
  });
});
