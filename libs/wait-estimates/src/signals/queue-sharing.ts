/** Each answer moves the picture by this much: about the last 200 answers count. */
const STEP = 0.005;
const MOST_QUEUES = 24;
/** Below this share a queue counts as not shared. */
export const SHARED = 0.02;

/**
 * Which queues share agents with one queue, learnt from who answers it: the mean over its recent answers of how the
 * answering agent's work divides among the queues. Shares add up to at most 1; at most 24 queues are kept.
 */
export class QueueSharing {
  /** Share by queue number. */
  readonly shares = new Map<number, number>();

  /** An agent answered this queue whose recent work divides like this. */
  answeredBy(work: ReadonlyMap<number, number>, total: number): void {
    for (const [queue, share] of this.shares) this.shares.set(queue, share * (1 - STEP));
    for (const [queue, weight] of work) this.shares.set(queue, (this.shares.get(queue) ?? 0) + (STEP * weight) / total);
    while (this.shares.size > MOST_QUEUES) this.shares.delete(leastOf(this.shares));
  }
}

export const leastOf = (weights: ReadonlyMap<number, number>): number => {
  let least = -1;
  let lowest = Infinity;
  for (const [key, weight] of weights)
    if (weight < lowest) {
      lowest = weight;
      least = key;
    }
  return least;
};
