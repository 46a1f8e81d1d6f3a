import type { Milliseconds } from '@queuecast/events';

/** What is known at the instant a (hypothetical) contact joins a queue. Nothing from later. */
export interface WaitSignals {
  /** Contacts waiting in this queue. */
  readonly waiting: number;
  /** Contacts waiting in all queues of the pool that shares agents with this one, itself included. */
  readonly poolWaiting: number;
  /** Agents of the pool that work: available, offered, busy or in wrap-up; null when the source sends no agent states. */
  readonly poolAgents: number | null;
  /** Agents free now who serve this queue; null when the source sends no agent states. */
  readonly available: number | null;
}

export const PREDICTORS = ['les', 'pooled-ql'] as const;
export type Predictor = (typeof PREDICTORS)[number];

/** Mean with exponential forgetting: each new value weighs `weight`, at first as the plain mean. */
export class ForgettingMean {
  private mean = 0;
  private count = 0;

  constructor(private readonly weight: number) {}

  add(value: number): void {
    this.count += 1;
    this.mean += (value - this.mean) * Math.max(this.weight, 1 / this.count);
  }

  /** Null before the first value. */
  get value(): number | null {
    return this.count === 0 ? null : this.mean;
  }
}

/**
 * LES, last to enter service: the wait of whoever was answered last. Ibrahim and Whitt, "Real-time delay estimation
 * based on delay history", Manufacturing & Service Operations Management 11(3), 2009.
 *
 * @returns milliseconds; 0 when an agent is free and nobody waits; null before the first answer
 */
export const lastToEnterService = (signals: WaitSignals, lastWait: Milliseconds | null): number | null => {
  if (signals.waiting === 0 && (signals.available ?? 0) > 0) return 0;
  return lastWait;
};

/**
 * QL over the pool: everybody ahead in the queues that share agents, each taking one s-th of a mean handle time
 * (Whitt, "Predicting queueing delays", Management Science 45(6), 1999).
 *
 * @param meanHandle mean time an agent is taken by a contact, milliseconds
 * @returns milliseconds; null without agents or a handle time
 */
export const pooledQueueLength = (signals: WaitSignals, meanHandle: number | null): number | null => {
  if (signals.waiting === 0 && (signals.available ?? 0) > 0) return 0;
  if (!signals.poolAgents || meanHandle === null) return null;
  return ((signals.poolWaiting + 1) * meanHandle) / signals.poolAgents;
};
