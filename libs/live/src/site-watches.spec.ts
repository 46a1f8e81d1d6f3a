import { parseEvent, queueId, type AcdEvent, type EventType } from '@queuecast/events';
import { describe, expect, it } from 'vitest';
import { MAX_WATCHES, SiteWatches, WATCH_TELL_MS } from './site-watches.js';
import type { Estimate } from './frames.js';

const NOON = Date.parse('2026-03-02T12:00:00Z');
const SUPPORT = queueId('support');
const MINUTE = 60_000;
const at = (ms: number) => ms as AcdEvent['at'];
let next = 0;

const event = (name: string, data: object, time = NOON): AcdEvent => {
  const type = `acd.queue.watch_${name}` as EventType;
  next += 1;
  const parsed = parseEvent(
    {
      specversion: '1.0',
      id: `e${next}`,
      source: 'queuecast/gateway',
      type,
      tenant: 'acme',
      site: 'main',
      time: new Date(time).toISOString(),
      data: { watch: 'w1', ...data },
    },
    at(time),
  );
  if (parsed.kind !== 'event') throw new Error(JSON.stringify(parsed));
  return parsed.event;
};
const set = (watch = 'w1'): AcdEvent =>
  event('set', {
    watch,
    queue: SUPPORT,
    underMinutes: 5,
    url: 'https://hooks.example.org/',
    expiresAt: new Date(NOON + 60 * MINUTE).toISOString(),
  });
const band = (highMs: number): Estimate => ({
  kind: 'band',
  lowMs: 0,
  p50Ms: highMs / 2,
  highMs,
  predictor: 'x',
  at: NOON,
});
const attempted = (attempt: number, highMs = 4 * MINUTE): AcdEvent =>
  event('attempted', {
    attempt,
    retryAt: new Date(NOON + attempt * 1_000).toISOString(),
    wait: { lowMs: 0, highMs, at: new Date(NOON).toISOString() },
  });
const fold = (events: readonly AcdEvent[]): SiteWatches => {
  const watches = new SiteWatches();
  for (const each of events) watches.apply(each);
  return watches;
};

describe('a watch', () => {
  it('goes by the minutes that people are told: above 15 in steps of five, as by the socket', () => {
    const watches = fold([
      event('set', {
        watch: 'w1',
        queue: SUPPORT,
        underMinutes: 17,
        url: 'https://hooks.example.org/',
        expiresAt: new Date(NOON + 60 * MINUTE).toISOString(),
      }),
    ]);
    watches.shown(SUPPORT, band(16.5 * MINUTE));
    expect(watches.dueOf('w1', at(NOON))).toBeNull();
    watches.shown(SUPPORT, band(15 * MINUTE));
    expect(watches.dueOf('w1', at(NOON))?.attempt).toBe(1);
  });

  it('is fulfilled by a band whose upper bound is no more, and by nothing else', () => {
    const watches = fold([set()]);
    const due = () => [...watches.due(at(NOON))].length;
    expect(due()).toBe(0);
    watches.shown(SUPPORT, band(5 * MINUTE + 1));
    expect(due()).toBe(0);
    watches.shown(queueId('sales'), band(MINUTE));
    expect(due()).toBe(0);
    watches.shown(SUPPORT, band(5 * MINUTE));
    expect(due()).toBe(1);
    watches.shown(SUPPORT, { kind: 'abstention', reason: 'CLOSED', at: NOON });
    expect(due()).toBe(0);
  });

  it('once fulfilled tells what fulfilled it, whatever the wait is then', () => {
    const watches = fold([set(), attempted(1)]);
    watches.shown(SUPPORT, band(30 * MINUTE));
    expect(watches.dueOf('w1', at(NOON))).toMatchObject({ attempt: 2, at: NOON + 1_000, wait: { highMs: 4 * MINUTE } });
  });

  it('is over when delivered or cleared, and a repeated event does not open it again', () => {
    for (const end of ['delivered', 'cleared']) {
      const opening = set();
      const watches = fold([opening, attempted(1), event(end, {}), opening, attempted(2)]);
      watches.shown(SUPPORT, band(MINUTE));
      expect([watches.open(), watches.dueOf('w1', at(NOON))]).toEqual([[], null]);
    }
  });

  it('is the same whatever the order of its events and however often they come', () => {
    const events = [set(), attempted(1), attempted(2)];
    const wanted = fold(events).dueOf('w1', at(NOON));
    expect(wanted?.attempt).toBe(3);
    expect(fold([...events].reverse()).dueOf('w1', at(NOON))).toEqual(wanted);
    expect(fold([...events, ...events]).dueOf('w1', at(NOON))).toEqual(wanted);
    expect(fold([...events, event('delivered', {})].reverse()).dueOf('w1', at(NOON))).toBeNull();
  });

  it('expires unfulfilled, and is given up an hour after it was', () => {
    const waiting = fold([set()]);
    waiting.shown(SUPPORT, band(MINUTE));
    expect(waiting.dueOf('w1', at(NOON + 60 * MINUTE))).toBeNull();
    expect(waiting.evict(at(NOON + 60 * MINUTE - 1))).toEqual({ expired: 0, givenUp: 0 });
    expect(waiting.evict(at(NOON + 60 * MINUTE))).toEqual({ expired: 1, givenUp: 0 });
    const fired = fold([set(), attempted(1)]);
    expect(fired.evict(at(NOON + WATCH_TELL_MS))).toEqual({ expired: 0, givenUp: 1 });
    expect(fired.open()).toEqual([]);
  });

  it('is refused when there are too many, and has room again when one is over', () => {
    const watches = fold(Array.from({ length: MAX_WATCHES }, (_, n) => set(`w${n}`)));
    expect(watches.apply(set('more'))).toBe('refused');
    watches.apply(event('cleared', { watch: 'w7' }));
    expect(watches.apply(set('more'))).toBe('set');
  });
});
