import type { Estimate } from '@queuecast/live';
import { describe, expect, it } from 'vitest';
import { frame, NOW, queueInfo, waitingFor } from './frames.testing.js';
import { needOf } from './need.js';
import { estimatePhrase, levelWord, needPhrases, staffingFrom, staffingPhrase, trustPhrase } from './sentences.js';
import { wallboardWords } from './words.js';

const words = wallboardWords(['en']);
const band = (lowMs: number, highMs: number): Estimate => ({
  kind: 'band',
  lowMs,
  p50Ms: (lowMs + highMs) / 2,
  highMs,
  predictor: 'les',
  at: NOW,
});

describe('the wait of a new caller', () => {
  it.each([
    [band(480_000, 720_000), '8–12 min'],
    [band(490_000, 710_000), '8–12 min'],
    [band(120_000, 120_000), '2 min'],
    [band(10_000, 100_000), '< 2 min'],
    [band(0, 0), '< 1 min'],
    [{ kind: 'abstention', reason: 'NO_AGENTS', at: NOW } as const, 'no agents'],
    [{ kind: 'abstention', reason: 'SHOCK', at: NOW } as const, 'changing too fast'],
  ])('%#: %s', (estimate, expected) => {
    expect(estimatePhrase(estimate, words)).toBe(expected);
  });
});

describe('staffing', () => {
  const from = { arrivalsPerHour: 213.6, handleMs: 312_000, patienceMs: null, agents: 16, waiting: 12 };
  // 14:05:10 in Brussels.
  it.each([
    [2, NOW + 21 * 60_000, '2 more agents would bring this queue to target by 14:30.'],
    [1, NOW + 60_000, '1 more agent would bring this queue to target by 14:10.'],
    [3, null, '3 more agents would bring this queue to target.'],
    [0, NOW + 60_000, 'Back at target by 14:10 with the agents there.'],
    [0, null, 'Enough agents to hold the target.'],
  ])('%i more, by %s: %s', (more, by, expected) => {
    expect(staffingPhrase({ more, by, from, at: NOW }, queueInfo(), words)).toBe(expected);
  });

  it('says what it was worked out from', () => {
    expect(staffingFrom({ more: 2, by: null, from, at: NOW }, words)).toBe(
      'From 214 arrivals an hour, 5:12 per contact, 16 agents for this queue, 12 waiting.',
    );
  });
});

describe('sentences', () => {
  it('give the reasons of a need, the gravest first', () => {
    const surge = { ratio: 12.4, since: NOW };
    const shown = frame({ ...waitingFor(200_000), estimate: band(200_000, 300_000), surge });
    const need = needOf(shown, queueInfo(), NOW);
    expect(levelWord(need.level, words)).toBe('Act now');
    expect(needPhrases(need, queueInfo(), words, shown)).toEqual([
      'a contact has waited past 2:30',
      '12 times as many contacts as usual',
      'a new caller will wait past 2:30',
    ]);
  });

  it.each([
    [{ kind: 'live' } as const, 'last event 1s ago'],
    [{ kind: 'quiet' } as const, 'Quiet: source alive, last event 1s ago'],
    [{ kind: 'noFrame' } as const, 'No figures for this queue yet'],
    [{ kind: 'silent', since: null } as const, 'Nothing heard from this source yet'],
  ])('tell how fresh a tile is: %o', (trust, expected) => {
    expect(trustPhrase(trust, frame(), NOW, words)).toBe(expected);
  });

  it.each(['connectionLost', 'processorSilent', 'silent'] as const)('tell since when: %s', (kind) => {
    expect(trustPhrase({ kind, since: NOW }, frame(), NOW, words)).toMatch(/ since \d\d:05:10$/);
  });
});
