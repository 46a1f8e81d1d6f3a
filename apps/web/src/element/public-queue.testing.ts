import type { PublicQueue } from '@queuecast/live';

/** Monday 2 March 2026, 14:05:10 in Brussels. */
export const NOW = Date.parse('2026-03-02T14:05:10+01:00');

export const publicQueue = (overrides: Partial<PublicQueue> = {}): PublicQueue => ({
  tenant: 'acme',
  queue: 'support',
  name: { en: 'Support', nl: 'Ondersteuning' },
  opening: { state: 'open', until: Date.parse('2026-03-02T20:00:00+01:00'), by: 'calendar' },
  hours: [],
  timeZone: 'Europe/Brussels',
  wait: { kind: 'band', lowMinutes: 8, highMinutes: 12 },
  bestTime: { today: null, week: null },
  callbackOffered: false,
  rightOf10: null,
  notices: [],
  asOf: NOW - 4_000,
  source: 'live',
  ...overrides,
});
