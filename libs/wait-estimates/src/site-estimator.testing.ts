import type { AgentId, ContactId, LegId, QueueId } from '@queuecast/events';
import { Chance } from './learner/chance.js';
import type { Stay } from './estimate.js';

export type PlayedEvent =
  | {
      readonly kind: 'joins';
      readonly at: number;
      readonly queue: QueueId;
      readonly stay: Stay;
      /** How long it would wait if it did not hang up. */
      readonly virtualMs: number;
    }
  | {
      readonly kind: 'answered';
      readonly at: number;
      readonly queue: QueueId;
      readonly stay: Stay;
      readonly agent: AgentId;
      readonly waitMs: number;
    }
  | {
      readonly kind: 'hangs up';
      readonly at: number;
      readonly queue: QueueId;
      readonly stay: Stay;
      readonly waitMs: number;
    }
  | {
      readonly kind: 'ends';
      readonly at: number;
      readonly queue: QueueId;
      readonly agent: AgentId;
      readonly handleMs: number;
    };

export interface Played {
  readonly seed: number;
  readonly start: number;
  readonly contacts: number;
  readonly agents: number;
  readonly queues: readonly QueueId[];
  /** Mean; Infinity: nobody hangs up. */
  readonly patienceMs?: number;
  /** Work that arrives, as a multiple of what the agents can just do, so many milliseconds after the start. */
  readonly loadAt?: (ms: number) => number;
}

const HANDLE_MS = 180_000;
const PATIENCE_MS = 600_000;

/**
 * Contacts of queues that share all agents, first come, first served: Poisson arrivals, at the rate that the agents can
 * just serve unless told otherwise, exponential handle times and patience (M/M/s+M). In the order of time.
 */
export const playedQueue = (played: Played): PlayedEvent[] => {
  const { seed, start, contacts, agents, queues, patienceMs = PATIENCE_MS, loadAt = () => 1 } = played;
  const chance = new Chance(seed);
  const exponential = (mean: number): number => Math.ceil(-mean * Math.log(1 - chance.next()));
  const freeAt = Array.from({ length: agents }, () => start);
  const events: PlayedEvent[] = [];
  let now = start;
  for (let n = 0; n < contacts; n += 1) {
    now += exponential(HANDLE_MS / agents / loadAt(now - start));
    const queue = queues[chance.below(queues.length)]!;
    const stay = { contact: `c${n}` as ContactId, leg: '1' as LegId };
    const patience = exponential(patienceMs);
    const next = freeAt.indexOf(Math.min(...freeAt));
    const answered = Math.max(now, freeAt[next]!);
    events.push({ kind: 'joins', at: now, queue, stay, virtualMs: answered - now });
    if (answered - now > patience) {
      events.push({ kind: 'hangs up', at: now + patience, queue, stay, waitMs: patience });
      continue;
    }
    const handleMs = exponential(HANDLE_MS);
    const agent = `a${next}` as AgentId;
    freeAt[next] = answered + handleMs;
    events.push({ kind: 'answered', at: answered, queue, stay, agent, waitMs: answered - now });
    events.push({ kind: 'ends', at: answered + handleMs, queue, agent, handleMs });
  }
  return events.sort((one, other) => one.at - other.at);
};
