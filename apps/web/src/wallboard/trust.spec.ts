import { describe, expect, it } from 'vitest';
import { frame, NOW } from './frames.testing.js';
import { isStale, knownUntil, trustOf } from './trust.js';

const up = { lostSince: null, processorSilentSince: null };
/** The last event came long before the last heartbeat. */
const silent = frame({
  source: { state: 'silent', lastEventAt: NOW - 900_000, lastHeardAt: NOW - 200_000, lagMs: null },
});

describe('whether a tile can be believed', () => {
  it('is live or quiet while everything between here and the source works', () => {
    expect(trustOf(frame(), up)).toEqual({ kind: 'live' });
    const quiet = frame({ source: { state: 'quiet', lastEventAt: null, lastHeardAt: NOW, lagMs: null } });
    expect(trustOf(quiet, up)).toEqual({ kind: 'quiet' });
    expect(isStale(trustOf(quiet, up))).toBe(false);
  });

  it('names the outermost cause, with since when', () => {
    const down = { lostSince: 3, processorSilentSince: 2 };
    expect(trustOf(silent, down)).toEqual({ kind: 'connectionLost', since: 3 });
    expect(trustOf(silent, { ...down, lostSince: null })).toEqual({ kind: 'processorSilent', since: 2 });
    expect(trustOf(silent, up)).toEqual({ kind: 'silent', since: NOW - 200_000 });
    expect(isStale(trustOf(silent, up))).toBe(true);
  });

  it('says when there is no figure yet', () => {
    expect(trustOf(null, up)).toEqual({ kind: 'noFrame' });
  });
});

describe('running times', () => {
  it('run with the clock while the figures are live', () => {
    expect(knownUntil(frame(), up, NOW + 9_000)).toBe(NOW + 9_000);
  });

  it('stand still at the last moment that was known', () => {
    expect(knownUntil(frame(), { ...up, lostSince: NOW + 1_000 }, NOW + 9_000)).toBe(NOW + 1_000);
    expect(knownUntil(silent, up, NOW + 9_000)).toBe(NOW - 200_000);
  });
});
