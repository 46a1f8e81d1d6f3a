import type { Estimate, QueueFrame } from '@queuecast/live';

/** A frame of queue `support` of tenant `acme`, with what is to be different. */
export const frame = (overrides: Partial<QueueFrame> = {}): QueueFrame => {
  const at = overrides.at ?? 1_772_359_200_000;
  return {
    tenant: 'acme',
    site: 'main',
    queue: 'support',
    version: at,
    at,
    offset: 1,
    waiting: 3,
    oldest: [{ contact: 'c-1', leg: 'l-1', queuedAt: at - 60_000, priority: 0, position: 1, remaining: null }],
    line: { orderedFrom: 0, ladder: [] },
    suspected: 0,
    suspects: [],
    agents: { available: 0, offered: 0, busy: 4, wrap_up: 1, away: 2 },
    opening: { state: 'open', until: null, by: 'calendar' },
    afterClosing: 0,
    notices: [],
    surge: null,
    estimate: band(8, 10, 12, at),
    estimateRecord: null,
    today: null,
    source: { state: 'live', lastEventAt: at, lastHeardAt: at, lagMs: 5 },
    storeBehindSince: null,
    history: null,
    ...overrides,
  };
};

/** An estimate in minutes. */
export const band = (low: number, median: number, high: number, at: number): Estimate => ({
  kind: 'band',
  lowMs: low * 60_000,
  p50Ms: median * 60_000,
  highMs: high * 60_000,
  predictor: 'les',
  at,
});
