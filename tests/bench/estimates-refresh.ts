import { instant, queueId, type ContactId, type LegId } from '@queuecast/events';
import { SiteEstimator } from '@queuecast/wait-estimates';
import type { Replay } from './estimates-replay.js';

const QUEUES = 2_000;
const ROUNDS = 20;

/** A site of 2,000 queues in use, each estimated once a second: the share of one core that takes. */
export const refreshLines = ({ end }: Pick<Replay, 'end'>): string[] => {
  const estimator = new SiteEstimator(1);
  const queues = Array.from({ length: QUEUES }, (_, n) => queueId(`queue-${n}`));
  let [now, serial] = [end, 0];
  for (let round = 0; round < 10; round += 1)
    queues.forEach((queue, n) => {
      const stay = { contact: `c${(serial += 1)}` as ContactId, leg: '1' as LegId };
      const waitMs = 1000 * (serial % 90);
      estimator.joined(stay, queue, instant((now += 20)));
      if (round < 9) {
        const agent = `a${(n + round) % 4_000}` as never;
        estimator.answered(stay, queue, agent, instant(now + waitMs), waitMs);
      }
    });
  const begun = performance.now();
  for (let round = 0; round < ROUNDS; round += 1) {
    now += 1000;
    for (const queue of queues) estimator.estimate(queue, instant(now));
  }
  const each = (performance.now() - begun) / ROUNDS;
  return [
    `${QUEUES} queues refreshed each second take ${each.toFixed(1)} ms of it, ${(each / 10).toFixed(2)} % of one core (${((1000 * each) / QUEUES).toFixed(1)} microseconds each).`,
  ];
};
