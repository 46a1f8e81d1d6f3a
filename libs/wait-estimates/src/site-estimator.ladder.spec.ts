import { instant, queueId } from '@queuecast/events';
import { expect, it } from 'vitest';
import { remainingAt } from './ladder.js';
import { SiteEstimator } from './site-estimator.js';
import { playedQueue } from './site-estimator.testing.js';

const MONDAY = Date.parse('2026-03-02T08:00:00Z');
const HOUR = 3_600_000;
const claims = queueId('claims');

it.each([
  { agents: 8, patienceMs: Infinity, peak: 1.02 },
  { agents: 20, patienceMs: 400_000, peak: 1.4 },
])('tells those who wait what is left to them, wherever they stand: $agents agents', ({ agents, patienceMs, peak }) => {
  const loadAt = (ms: number): number => ((ms / HOUR) % 6 < 3 ? peak : 0.8);
  const events = playedQueue({
    seed: 11,
    start: MONDAY,
    contacts: 5_000,
    agents,
    queues: [claims],
    patienceMs,
    loadAt,
  });
  const estimator = new SiteEstimator(1);
  /** When each of those who wait would be answered, in the order in which they joined. */
  const line = new Map<string, number>();
  const scores = { head: { inside: 0, of: 0 }, second: { inside: 0, of: 0 }, later: { inside: 0, of: 0 } };
  const began = events[Math.floor(events.length / 2)]!.at;
  for (const [n, event] of events.entries()) {
    const at = instant(event.at);
    if (event.kind === 'joins') {
      estimator.joined(event.stay, event.queue, at);
      if (event.virtualMs > 0) line.set(event.stay.contact, event.at + event.virtualMs);
    } else if (event.kind === 'ends') estimator.released(event.queue, event.agent, at, event.handleMs);
    else {
      line.delete(event.stay.contact);
      if (event.kind === 'answered') estimator.answered(event.stay, event.queue, event.agent, at, event.waitMs);
      else estimator.abandoned(event.stay, event.queue, at, event.waitMs);
    }
    if (event.kind !== 'joins' || event.at < began || n % 3 !== 0) continue;
    const ladder = estimator.ladder(claims, line.size, at);
    if ('kind' in ladder) continue;
    for (const [ahead, answeredAt] of [...line.values()].entries()) {
      const { lowMs, highMs } = remainingAt(ladder, ahead + 1)!;
      const left = answeredAt - event.at;
      const score = ahead === 0 ? scores.head : ahead < 5 ? scores.second : scores.later;
      score.of += 1;
      if (left >= lowMs && left <= highMs) score.inside += 1;
    }
  }
  for (const { inside, of } of Object.values(scores)) {
    expect(of).toBeGreaterThan(200);
    expect(inside / of).toBeGreaterThan(0.7);
  }
});
