import { expect, it } from 'vitest';
import { frame } from '../frame.testing.js';
import { differencesOf } from './differences.js';

const replayed = (overrides: Parameters<typeof frame>[0] = {}) => ({ ...frame(overrides), estimate: null });

it('names the figures that are not what they were, and nothing else', () => {
  const then = [replayed(), replayed({ queue: 'gone', waiting: 0, oldest: [], agents: null })];
  const now = [replayed({ waiting: 2, agents: { available: 1, offered: 0, busy: 4, wrap_up: 1, away: 2 } })];
  expect(differencesOf(then, now)).toEqual([
    { queue: 'support', field: 'waiting', then: 3, now: 2 },
    { queue: 'support', field: 'agents.available', then: 0, now: 1 },
    { queue: 'gone', field: 'waiting', then: 0, now: null },
    { queue: 'gone', field: 'opening.state', then: 'open', now: null },
    { queue: 'gone', field: 'source.state', then: 'live', now: null },
  ]);
  expect(differencesOf(now, now)).toEqual([]);
});
