import type { Instant } from '@queuecast/events';

/** As many as a queue may ask for: see the setting `suspectOvertakenBy`. */
export const MOST_OVERTAKERS = 100;
/** Below this many waits nobody can tell which one is long. */
const ENOUGH_WAITS = 30;

/** An answered leg. */
export interface Answer {
  /** What tells legs apart. */
  readonly key: string;
  /** What answers are put in order by: when the leg joined its queue, or when it was answered. */
  readonly at: Instant;
  readonly waitMs: number;
  /** The log position since which it is known; 0 if it surely was before all that is still to be read. */
  readonly version: number;
}

/**
 * The latest of the answered legs of one queue and priority, or of one agent. However often an answer is told, and in
 * whatever order, it counts once. After a restart the facts may hold answers that are still to be read from the log: who
 * asks for a position of the log is told of those only that were known there.
 */
export class LatestAnswers {
  /** Ascending. */
  private readonly answers: Answer[] = [];

  /** @param kept how many; more than are asked for, by those that the facts may be ahead */
  constructor(private readonly kept: number) {}

  add(answer: Answer): void {
    const { answers } = this;
    const isFull = answers.length === this.kept;
    if (isFull && answer.at <= (answers[0] as Answer).at) return;
    if (answers.some(({ key }) => key === answer.key)) return;
    let place = answers.length;
    while (place > 0 && (answers[place - 1] as Answer).at > answer.at) place -= 1;
    answers.splice(place, 0, answer);
    if (isFull) answers.shift();
  }

  /** It was no answer after all. */
  remove(key: string): void {
    const place = this.answers.findIndex((answer) => answer.key === key);
    if (place >= 0) this.answers.splice(place, 1);
  }

  /** The n-th latest, from 1, of those known at a position; -Infinity if there are fewer. Who was there before it was overtaken by n. */
  nth(n: number, version: number): number {
    let left = n;
    for (let place = this.answers.length - 1; place >= 0; place -= 1) {
      const answer = this.answers[place] as Answer;
      if (answer.version <= version && (left -= 1) === 0) return answer.at;
    }
    return -Infinity;
  }

  /** The latest that is not the leg's own, of those known at a position; null if there is none. */
  latestBeside(key: string, version: number): Instant | null {
    return this.answers.findLast((answer) => answer.key !== key && answer.version <= version)?.at ?? null;
  }

  /**
   * The longest wait of the latest {@link MOST_OVERTAKERS} since `since` that were known at a position, milliseconds;
   * null while too few are.
   */
  longestWaitMs(since: number, version: number): number | null {
    const known = this.answers.filter((answer) => answer.at >= since && answer.version <= version);
    if (known.length < ENOUGH_WAITS) return null;
    return Math.max(...known.slice(-MOST_OVERTAKERS).map(({ waitMs }) => waitMs));
  }
}
