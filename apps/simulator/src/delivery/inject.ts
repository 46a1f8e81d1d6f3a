import { instant } from '@queuecast/events';
import { Agenda } from '../centre/agenda.js';
import type { Random } from '../centre/random.js';
import type { TimedEvent } from '../centre/stage.js';

/** Shares 0..1 of the events that are delivered otherwise than once and at once. */
export interface DeliveryFaults {
  /** Sent again within half a minute, with the same id. */
  readonly duplicates: number;
  /** Delayed by at most {@link DeliveryFaults.disorderMs}, so that others overtake them. */
  readonly disorder: number;
  readonly disorderMs: number;
  /** Delayed by between {@link DeliveryFaults.lateFromMs} and {@link DeliveryFaults.lateToMs}. */
  readonly late: number;
  readonly lateFromMs: number;
  readonly lateToMs: number;
}

export const NO_FAULTS: DeliveryFaults = {
  duplicates: 0,
  disorder: 0,
  disorderMs: 5000,
  late: 0,
  lateFromMs: 600_000,
  lateToMs: 7_200_000,
};

/** What was done to the events, for the ground truth. */
export interface InjectedFaults {
  duplicated: number;
  delayed: number;
  late: number;
  /** Longest delay of any event, milliseconds. */
  longestDelayMs: number;
}

const DUPLICATE_WITHIN = 30_000;

/**
 * Delivers events with faults: none is lost or changed, only repeated and delayed. The result is ordered by delivery
 * time (`at`); the events keep the time at which they happened.
 */
export class FaultyDelivery {
  readonly injected: InjectedFaults = { duplicated: 0, delayed: 0, late: 0, longestDelayMs: 0 };

  constructor(
    private readonly faults: DeliveryFaults,
    private readonly random: Random,
  ) {}

  *deliver(events: Iterable<TimedEvent>): Generator<TimedEvent> {
    const inFlight = new Agenda<TimedEvent>();
    const take = (): TimedEvent => inFlight.take() as TimedEvent;
    for (const timed of events) {
      while (inFlight.nextAt !== undefined && inFlight.nextAt <= timed.at) yield take();
      const delay = this.#delay();
      if (delay === 0) yield timed;
      else this.#later(inFlight, timed, delay);
      if (this.random.chance(this.faults.duplicates)) {
        this.injected.duplicated++;
        this.#later(inFlight, timed, delay + this.random.integer(0, DUPLICATE_WITHIN));
      }
    }
    while (inFlight.size > 0) yield take();
  }

  #delay(): number {
    const { faults, random } = this;
    if (random.chance(faults.late)) {
      this.injected.late++;
      return random.integer(faults.lateFromMs, faults.lateToMs);
    }
    if (random.chance(faults.disorder)) {
      this.injected.delayed++;
      return random.integer(1, faults.disorderMs);
    }
    return 0;
  }

  #later(inFlight: Agenda<TimedEvent>, { event, at }: TimedEvent, delay: number): void {
    this.injected.longestDelayMs = Math.max(this.injected.longestDelayMs, delay);
    inFlight.add(at + delay, { event, at: instant(at + delay) });
  }
}
