import type { SpellFact } from '@queuecast/contact-center';
import type { Instant } from '@queuecast/events';
import type { Opening } from '@queuecast/live';
import type { PastLeg } from '@queuecast/store';
import type { Hours, SiteEstimator } from '@queuecast/wait-estimates';

/** Something that an estimator is to be told. */
export type Happening = (estimator: SiteEstimator) => void;

/** What is known of a queue's hours by its opening as it was told last, and by since when it has been open. */
export const hoursBy = (opening: Opening | null, openedAt: Instant | null, now: Instant): Hours => ({
  ...(openedAt === null ? {} : { sinceOpening: (now - openedAt) / 1000 }),
  ...(opening?.state !== 'open' || opening.until === null || opening.until < now
    ? {}
    : { toClosing: (opening.until - now) / 1000 }),
});

/** Its wait is over. @param at for a leg of which nobody knows when */
export const hearWaited = (estimator: SiteEstimator, leg: PastLeg, at: Instant): void => {
  const { queue, outcome, agent, answeredAt, leftQueueAt, waitMs } = leg;
  const left = leftQueueAt ?? at;
  if (outcome === 'answered' && answeredAt !== null && waitMs !== null)
    estimator.answered(leg, queue, agent, answeredAt, waitMs);
  else if (outcome === 'abandoned' && waitMs !== null) estimator.abandoned(leg, queue, left, waitMs);
  else estimator.left(leg, queue, left, waitMs);
};

/** When its agent was free of the conversation; null while it goes on, and where nobody answered. */
export const releasedAt = ({ agent, answeredAt, talkMs, holdMs }: PastLeg): Instant | null =>
  agent === null || answeredAt === null || talkMs === null ? null : ((answeredAt + talkMs + (holdMs ?? 0)) as Instant);

/** Its conversation is over. */
export const hearReleased = (estimator: SiteEstimator, leg: PastLeg): void => {
  const at = releasedAt(leg);
  if (at !== null && leg.agent !== null) estimator.released(leg.queue, leg.agent, at, at - leg.answeredAt!);
};

export const hearAgent = (estimator: SiteEstimator, { agent, state, queues, from }: SpellFact): void =>
  estimator.agentStated(agent, state, queues, from);
