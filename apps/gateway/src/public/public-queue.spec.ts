import { publicQueueSchema, type QueueFrame } from '@queuecast/live';
import { MAX_PUBLIC_BYTES } from '@queuecast/settings';
import { HOLD_MS } from '@queuecast/wait-estimates';
import { describe, expect, it } from 'vitest';
import { band, frame } from '../frame.testing.js';
import { AS_OF_STEP_MS, published, STALE_MS, type Published, type PublicQueueFacts } from './public-queue.js';

const NOW = Date.parse('2026-03-01T10:00:00Z');
const facts: PublicQueueFacts = {
  tenant: 'acme',
  queue: 'support',
  name: { en: 'Support' },
  timeZone: 'Europe/Brussels',
  calendar: { state: 'open', until: NOW + 3_600_000, by: 'calendar' },
  hours: [{ date: '2026-03-01', spans: [['08:00', '12:00']] }],
  callbacks: { offer: 'when_long', overSeconds: 600 },
  outlook: [],
};

/** Feeds frames made at these times, in milliseconds after NOW, one after the other. */
const after = (frames: readonly (readonly [ms: number, overrides: Partial<QueueFrame>])[]): Published[] => {
  const documents: Published[] = [];
  for (const [ms, overrides] of frames) {
    const at = NOW + ms;
    documents.push(
      published(documents.at(-1) ?? null, frame({ at, estimate: band(8, 10, 12, at), ...overrides }), facts, at),
    );
  }
  return documents;
};
const waitOf = (estimate: QueueFrame['estimate'], ms = 0) => [ms, { estimate }] as const;

describe('what it says', () => {
  it('is the band, rounded, and no more of the frame than that', () => {
    const [{ document }] = after([[0, {}]]) as [Published];
    expect(publicQueueSchema.parse(document)).toEqual(document);
    expect(document.wait).toEqual({ kind: 'band', lowMinutes: 8, highMinutes: 12 });
    expect(document.asOf).toBe(NOW);
    const text = JSON.stringify(document);
    for (const secret of ['waiting', 'agents', 'busy', 'c-1', 'l-1', 'p50', 'predictor', 'version'])
      expect(text).not.toContain(secret);
  });

  it('is at most 3 KiB, whatever the settings that are allowed and the notices that are posted', () => {
    const long = 'x'.repeat(64);
    const hours = facts.hours.map((day) => ({ ...day, spans: Array.from({ length: 20 }, () => day.spans[0]!) }));
    const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
    const name = { en: 'x'.repeat(MAX_PUBLIC_BYTES - bytesOf(hours) - 10) };
    const worst = { ...facts, tenant: long, queue: long, name, hours, timeZone: 'America/Argentina/ComodRivadavia' };
    const text = Object.fromEntries(['en', 'fr', 'nl', 'de', 'sv'].map((tag) => [tag, 'é'.repeat(2000)]));
    const notice = { id: long, severity: 'critical', text, until: NOW + 1, postedAt: NOW, by: 'acd' } as const;
    const estimate = band(590, 595, 600, NOW);
    const { document } = published(null, frame({ at: NOW, estimate, notices: [notice, notice, notice] }), worst, NOW);
    const best = { from: NOW, to: NOW, lowMinutes: 600, highMinutes: 600 };
    const bytes = bytesOf({ ...document, bestTime: { today: best, week: best } });
    expect(bytes).toBeGreaterThan(2500);
    expect(bytes).toBeLessThanOrEqual(3072);
  });

  it('is the reason where there is no estimate', () => {
    const [{ document }] = after([[0, { estimate: { kind: 'abstention', reason: 'NO_AGENTS', at: NOW } }]]) as [
      Published,
    ];
    expect(document.wait).toEqual({ kind: 'none', reason: 'NO_AGENTS' });
  });

  it('is closed when the calendar says so, or an event does for as long as it says', () => {
    const closedCalendar = { ...facts, calendar: { state: 'closed', until: null, by: 'calendar' } as const };
    expect(published(null, frame({ at: NOW }), closedCalendar, NOW).document.wait).toEqual({
      kind: 'none',
      reason: 'CLOSED',
    });
    const event = { state: 'closed', until: NOW + 60_000, by: 'event' } as const;
    expect(published(null, frame({ at: NOW, opening: event }), facts, NOW).document.opening).toEqual(event);
    const later = published(null, frame({ at: NOW, opening: event }), facts, NOW + 60_000);
    expect(later.document.opening).toEqual(facts.calendar);
  });

  it('is no figure when there are no frames, or only old ones', () => {
    expect(published(null, null, facts, NOW).document).toMatchObject({
      wait: { kind: 'none', reason: 'SOURCE_SILENT' },
      source: 'silent',
    });
    const fresh = published(null, frame({ at: NOW }), facts, NOW + STALE_MS);
    expect(fresh.document.wait.kind).toBe('band');
    const stale = published(fresh, frame({ at: NOW }), facts, NOW + STALE_MS + 1);
    expect(stale.document.wait).toEqual({ kind: 'none', reason: 'SOURCE_SILENT' });
    expect(published(stale, frame({ at: NOW }), facts, NOW + 10 * STALE_MS)).toBe(stale);
  });

  it('is that a call back can be asked for while the wait is long, or always', () => {
    const offered = (estimate: QueueFrame['estimate'], callbacks = facts.callbacks): boolean =>
      published(null, frame({ at: NOW, estimate }), { ...facts, callbacks }, NOW).document.callbackOffered;
    expect(offered(band(8, 10, 10, NOW))).toBe(false);
    expect(offered(band(8, 10, 11, NOW))).toBe(true);
    expect(offered({ kind: 'abstention', reason: 'NO_AGENTS', at: NOW })).toBe(true);
    expect(offered({ kind: 'abstention', reason: 'TOO_FEW_DATA', at: NOW })).toBe(false);
    expect(offered(band(0, 1, 2, NOW), { offer: 'always', overSeconds: 600 })).toBe(true);
    expect(offered(band(8, 10, 11, NOW), { offer: 'never', overSeconds: 600 })).toBe(false);
  });

  it('holds notices until they run out', () => {
    const storm = { id: 'n', severity: 'info' as const, text: { en: 'Storm' }, until: NOW + 1000 };
    const notices = [{ ...storm, postedAt: NOW, by: 'acd' }];
    const [shown, gone] = after([
      [0, { notices }],
      [1000, { notices }],
    ]) as [Published, Published];
    expect(shown.document.notices).toEqual([storm]);
    expect(gone.document.notices).toEqual([]);
  });
});

describe('when it changes', () => {
  it('not with every frame: counts and agents change, the document does not', () => {
    const documents = after([
      [0, {}],
      [250, { waiting: 4 }],
      [500, { waiting: 5, agents: null, offset: 9 }],
    ]);
    expect(new Set(documents).size).toBe(1);
  });

  it('a figure that is still right is kept for a while, and then gives way', () => {
    const [first, held, next] = after([
      waitOf(band(8, 10, 12, NOW)),
      waitOf(band(9, 11, 14, NOW + HOLD_MS - 1), HOLD_MS - 1),
      waitOf(band(9, 11, 14, NOW + HOLD_MS), HOLD_MS),
    ]) as [Published, Published, Published];
    expect(held).toBe(first);
    expect(next.document.wait).toEqual({ kind: 'band', lowMinutes: 9, highMinutes: 14 });
  });

  it('at once when the wait leaves the band that was told, or the kind of answer changes', () => {
    const [, worse, none] = after([
      waitOf(band(8, 10, 12, NOW)),
      waitOf(band(20, 25, 31, NOW + 10), 10),
      [20, { estimate: { kind: 'abstention', reason: 'SHOCK', at: NOW + 20 } }],
    ]) as [Published, Published, Published];
    expect(worse.document.wait).toEqual({ kind: 'band', lowMinutes: 20, highMinutes: 35 });
    expect(none.document.wait).toEqual({ kind: 'none', reason: 'SHOCK' });
  });

  it('"as of" moves in steps while the figure is confirmed', () => {
    const [first, same, confirmed] = after([
      [0, {}],
      [AS_OF_STEP_MS - 1, {}],
      [AS_OF_STEP_MS, {}],
    ]) as [Published, Published, Published];
    expect(same).toBe(first);
    expect(confirmed.document).toEqual({ ...first.document, asOf: NOW + AS_OF_STEP_MS });
    expect(confirmed.waitSince).toBe(first.waitSince);
  });

  it('an estimate from a clock ahead of ours is not from the future', () => {
    const ahead = published(null, frame({ at: NOW, estimate: band(8, 10, 12, NOW + 5000) }), facts, NOW);
    expect(ahead.document.asOf).toBe(NOW);
  });
});
