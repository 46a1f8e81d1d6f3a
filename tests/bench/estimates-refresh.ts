import { instant, queueId, type AgentId, type ContactId, type LegId, type QueueId } from '@queuecast/events';
import { SiteEstimator } from '@queuecast/wait-estimates';
import type { Replay } from './estimates-replay.js';

const QUEUES = 2_000;
const ROUNDS = 20;
const WARM_UP_ROUNDS = 3;

/** Processor time, which others on the machine do not lengthen, of estimating all queues once: microseconds. */
const roundMicroseconds = (
  estimator: SiteEstimator,
  queues: readonly QueueId[],
  from: number,
  rounds: number,
): number => {
  const round = (n: number): void => {
    for (const queue of queues) estimator.estimate(queue, instant(from + 1000 * n));
  };
  for (let n = 0; n < WARM_UP_ROUNDS; n += 1) round(n);
  const begun = process.cpuUsage();
  for (let n = 0; n < rounds; n += 1) round(WARM_UP_ROUNDS + n);
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / rounds;
};

/** A site of 2,000 queues and 4,000 agents, with somebody waiting in each. */
const largeSite = (from: number): { estimator: SiteEstimator; queues: QueueId[]; now: number } => {
  const estimator = new SiteEstimator(1);
  const queues = Array.from({ length: QUEUES }, (_, n) => queueId(`queue-${n}`));
  let [now, serial] = [from, 0];
  for (let round = 0; round < 10; round += 1)
    for (const [n, queue] of queues.entries()) {
      const stay = { contact: `c${(serial += 1)}` as ContactId, leg: '1' as LegId };
      estimator.joined(stay, queue, instant((now += 20)));
      if (round === 9) continue;
      const agent = `a${(7 * n + round) % 4_000}` as AgentId;
      estimator.answered(stay, queue, agent, instant(now), 1000 * (serial % 90));
    }
  return { estimator, queues, now };
};

/** What an estimate costs on the recorded site and on one of 2,000 queues. */
export const refreshLines = ({ estimates, fold, end }: Replay): string[] => {
  const recorded = fold.live.knownQueues();
  const each = roundMicroseconds(estimates.estimator, recorded, end, 1_000) / recorded.length;
  const { estimator, queues, now } = largeSite(end);
  const all = roundMicroseconds(estimator, queues, now, ROUNDS);
  return [
    `An estimate (signals, learner, band) takes ${each.toFixed(1)} microseconds of processor time on the recorded site, of ${recorded.length} queues;`,
    `2,000 queues refreshed each second take ${(all / 1000).toFixed(1)} ms of it, ${(all / 1e4).toFixed(2)} % of one core (${(all / QUEUES).toFixed(1)} microseconds each).`,
    `The snapshot of the recorded site's estimator is ${(estimates.estimator.snapshot().length / 2 ** 20).toFixed(1)} MiB.`,
  ];
};
