import type { QueueFrame, QueueInfo } from '@queuecast/live';

export const NOW = Date.parse('2026-03-02T13:05:10Z');

export const queueInfo = (overrides: Partial<QueueInfo> = {}): QueueInfo => ({
  queue: 'support',
  site: 'main',
  name: { en: 'Support' },
  public: true,
  thresholdMs: 150_000,
  target: 0.8,
  timeZone: 'Europe/Brussels',
  ...overrides,
});

export const today = (overrides: Partial<NonNullable<QueueFrame['today']>> = {}): NonNullable<QueueFrame['today']> => ({
  from: NOW - 6 * 3_600_000,
  offered: 100,
  answered: 95,
  abandoned: 5,
  shortAbandoned: 0,
  flowedOut: 0,
  callbackTaken: 0,
  dropped: 0,
  closedOut: 0,
  stillWaiting: 0,
  answeredWithin: 90,
  serviceLevel: 0.9,
  thresholdMs: 150_000,
  asaMs: 20_000,
  ahtMs: 300_000,
  longestWaitMs: 60_000,
  metrics: ['offered@1'],
  ...overrides,
});

/** A queue where all is well: open, staffed, nobody waits. */
export const frame = (overrides: Partial<QueueFrame> = {}): QueueFrame => ({
  tenant: 'acme',
  site: 'main',
  queue: 'support',
  version: 1,
  at: NOW,
  offset: 1,
  waiting: 0,
  oldest: [],
  line: null,
  suspected: 0,
  suspects: [],
  agents: { available: 2, offered: 0, busy: 3, wrap_up: 0, away: 1 },
  opening: { state: 'open', until: null, by: 'calendar' },
  afterClosing: 0,
  notices: [],
  surge: null,
  estimate: { kind: 'band', lowMs: 10_000, p50Ms: 20_000, highMs: 50_000, predictor: 'les', at: NOW },
  estimateRecord: null,
  today: today(),
  source: { state: 'live', lastEventAt: NOW - 1_000, lastHeardAt: NOW - 1_000, lagMs: 100 },
  storeBehindSince: null,
  history: null,
  ...overrides,
});

/** Contacts that have waited this long, oldest first. */
export const waitingFor = (...waitsMs: readonly number[]): Pick<QueueFrame, 'waiting' | 'oldest'> => ({
  waiting: waitsMs.length,
  oldest: waitsMs.map((wait, at) => ({
    contact: `c-${at}`,
    leg: `l-${at}`,
    queuedAt: NOW - wait,
    priority: 0,
    position: at + 1,
    remaining: null,
  })),
});
