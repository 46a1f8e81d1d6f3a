import type { AcdEvent, Instant, SiteId, TenantId } from '@queuecast/events';
import { describe, expect, it } from 'vitest';
import { dueDelivery } from './delivery.js';
import { SiteCallbacks } from './site-callbacks.js';

const START = Date.UTC(2026, 2, 2, 9);
const MINUTE = 60_000;
const time = (minutes: number): string => new Date(START + minutes * MINUTE).toISOString();

/** What is due after these events, each `[minutes, type, data]`. */
const due = (...told: (readonly [minutes: number, type: string, data: object])[]) => {
  const fold = new SiteCallbacks('acme' as TenantId, 'main' as SiteId);
  for (const [n, [minutes, type, data]] of told.entries())
    fold.apply(
      {
        type: `acd.callback.${type}`,
        at: (START + minutes * MINUTE) as Instant,
        tenant: 'acme',
        site: 'main',
        subject: 'cb',
        data,
      } as AcdEvent,
      n,
    );
  fold.verify(fold.unverified(), []);
  fold.drain();
  fold.written();
  const known = fold.get('cb');
  const delivery = known && dueDelivery(known.row, known.marks);
  expect([...fold.pending()].length).toBe(delivery ? 1 : 0);
  return delivery ?? null;
};
const promised = [0, 'promised', { dueAt: time(600), queue: 'q', channel: 'voice', origin: 'web' }] as const;
const first = `cb-promised-${START}`;
const tried = (minutes: number, delivery: string, attempt: number) =>
  [minutes, 'delivery_attempted', { delivery, attempt, retryAt: time(minutes + 5) }] as const;

describe('what the dialer has to be told', () => {
  it('is the promise, at once, and again when an attempt was not confirmed', () => {
    expect(due(promised)).toEqual({ delivery: first, kind: 'promised', attempt: 1, at: START });
    expect(due(promised, tried(1, first, 1))).toEqual({
      delivery: first,
      kind: 'promised',
      attempt: 2,
      at: START + 6 * MINUTE,
    });
    expect(due(promised, tried(1, first, 1), [2, 'delivered', { delivery: first }])).toBeNull();
  });

  it('is the latest state only', () => {
    const moved = [10, 'moved', { dueAt: time(700) }] as const;
    const delivery = `cb-moved-${START + 10 * MINUTE}`;
    expect(due(promised, moved)).toMatchObject({ delivery, kind: 'moved', attempt: 1 });
    expect(due(promised, [2, 'delivered', { delivery: first }], moved)).toMatchObject({ delivery });
    expect(due(promised, moved, [11, 'delivered', { delivery }])).toBeNull();
  });

  it('is a cancellation only where the dialer may know of the promise', () => {
    const cancelled = [10, 'cancelled', { by: 'customer' }] as const;
    expect(due(promised, cancelled)).toBeNull();
    expect(due(promised, tried(1, first, 1), cancelled)).toMatchObject({ kind: 'cancelled', attempt: 1 });
    expect(due(promised, [2, 'delivered', { delivery: first }], cancelled)).toMatchObject({ kind: 'cancelled' });
  });

  it('is nothing once the promise is kept', () => {
    expect(due(promised, [5, 'kept', {}])).toBeNull();
  });
});
