import { instant, milliseconds } from '@queuecast/events';
import { markovianWait, queueLengthWait } from './queue-length.js';
import type { WaitSignals } from './signals/wait-signals.js';
import { AsteriskHoldTime, LastToEnterService, MovingAverageWait, pooledLastWait } from './textbook.js';

/** The rules that others serve, kept beside the served estimate so that it is seen what that is worth. */
export const RULES = ['les', 'pooled-les', 'hol', 'ql', 'qlm', 'moving-average', 'asterisk'] as const;
export type Rule = (typeof RULES)[number];
/** Seconds; null while a rule has nothing to go by. */
export type RuleWaits = Readonly<Record<Rule, number | null>>;

const LEAST_AGENTS = 0.5;

export class QueueRules {
  readonly les = new LastToEnterService();
  readonly average = new MovingAverageWait();
  readonly asterisk = new AsteriskHoldTime();
}

/** The textbook's and vendors' rules for the queues of one site. Instants in seconds. */
export class RuleBook {
  private readonly queues: QueueRules[] = [];

  answered(queue: number, now: number, wait: number): void {
    const [at, waited] = [instant(now * 1000), milliseconds(wait * 1000)];
    const { les, average, asterisk } = this.of(queue);
    les.answered(at, waited);
    average.answered(at, waited);
    asterisk.answered(instant(at - waited), at);
  }

  /**
   * What each rule says of somebody who joins now. QL and QLm count an agent by the share of this queue in his work.
   *
   * @param pool the queues that share agents with this one
   */
  waits(queue: number, now: number, signals: WaitSignals, pool: readonly number[]): RuleWaits {
    const { les, average, asterisk } = this.of(queue);
    const { waiting, handle, patience, staffShare, free } = signals;
    // With less than half an agent there is no line to speak of: both would say hours.
    const agents = staffShare < LEAST_AGENTS ? 0 : staffShare;
    const line = { waiting, agents, meanHandle: handle, meanPatience: patience };
    const isFree = waiting === 0 && free > 0;
    return {
      les: inSeconds(les.wait),
      'pooled-les': inSeconds(pooledLastWait([les, ...pool.map((each) => this.of(each).les)])),
      hol: signals.headWait,
      ql: isFree ? 0 : queueLengthWait(line),
      qlm: isFree ? 0 : (markovianWait(line)?.mean ?? null),
      'moving-average': inSeconds(average.wait(instant(now * 1000))),
      asterisk: inSeconds(asterisk.wait),
    };
  }

  private of(queue: number): QueueRules {
    return (this.queues[queue] ??= new QueueRules());
  }
}

const inSeconds = (wait: number | null): number | null => (wait === null ? null : wait / 1000);
