import type { Estimate } from '@queuecast/live';
import { describe, expect, it } from 'vitest';
import { frame, NOW, queueInfo, waitingFor } from './frames.testing.js';
import { needOf } from './need.js';
import { estimatePhrase, levelWord, needPhrases, trustPhrase } from './sentences.js';
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

describe('sentences', () => {
  it('give the reasons of a need, the gravest first', () => {
    const need = needOf(frame({ ...waitingFor(200_000), estimate: band(200_000, 300_000) }), queueInfo(), NOW);
    expect(levelWord(need.level, words)).toBe('Act now');
    expect(needPhrases(need, queueInfo(), words)).toEqual([
      'a contact has waited past 2:30',
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
