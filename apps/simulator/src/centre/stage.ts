import { instant, type CloudEvent, type EventType, type Instant, type eventData } from '@queuecast/events';
import type { z } from 'zod';
import { Agenda } from './agenda.js';
import type { Ledger } from './ledger.js';
import { Random } from './random.js';

export type EventInput<Type extends EventType> = z.input<(typeof eventData)[Type]>;

/** One ACD instance: its name in the envelope, and how far its clock is ahead (negative: behind), in milliseconds. */
export interface SourceClock {
  readonly uri: string;
  readonly skewMs: number;
}

/** An event, and when its source sends it. Without injected delay that is when it happens. */
export interface TimedEvent {
  readonly event: CloudEvent;
  readonly at: Instant;
}

export interface StageOptions {
  readonly seed: string;
  readonly start: number;
  readonly tenant: string;
  readonly site: string;
  readonly sources: readonly SourceClock[];
  readonly heartbeatMs: number;
  /** Null where nobody asks for the truth: a demonstration that runs for months must not keep books of it. */
  readonly ledger: Ledger | null;
}

/**
 * What every part of the simulation stands on: the simulated clock, the agenda of what happens next, the sources that
 * speak, the books. An action runs at its time and may emit events, which carry that time.
 */
export class Stage {
  readonly random: Random;
  readonly ledger: Ledger | null;
  now: number;
  readonly #agenda = new Agenda<() => void>();
  readonly #lastSpoke: number[];
  #outbox: TimedEvent[] = [];
  #events = 0;
  readonly #run: string;

  constructor(readonly options: StageOptions) {
    this.random = new Random(options.seed);
    this.ledger = options.ledger;
    this.now = options.start;
    // Ids tell runs apart, so that the same period simulated with another seed never collides with this one.
    this.#run = `${options.start.toString(36)}${Math.floor(this.random.fork('run').next() * 2 ** 32).toString(36)}`;
    this.#lastSpoke = options.sources.map(() => options.start);
    options.sources.forEach((_, source) => this.in(options.heartbeatMs, () => this.#beat(source)));
  }

  /** Runs `action` at an instant; one that is past runs now, after what is already due. */
  at(at: number, action: () => void): void {
    this.#agenda.add(Math.max(this.now, Math.round(at)), action);
  }

  /** Runs `action` after a delay in milliseconds. */
  in(delay: number, action: () => void): void {
    this.at(this.now + delay, action);
  }

  /** When the next action is due; undefined when nothing will ever happen again. */
  get nextAt(): number | undefined {
    return this.#agenda.nextAt;
  }

  /** Runs the next action and returns the events it emitted. */
  step(): readonly TimedEvent[] {
    this.now = this.#agenda.nextAt ?? this.now;
    this.#agenda.take()?.();
    if (this.#outbox.length === 0) return this.#outbox;
    const emitted = this.#outbox;
    this.#outbox = [];
    return emitted;
  }

  /** An id that no other run gives, for instance of a contact. */
  id(kind: string, number: number): string {
    return `${kind}${this.#run}-${number}`;
  }

  /** What a source's clock shows now: the time its events carry, milliseconds since the epoch. */
  clock(source: number): number {
    return this.now + (this.options.sources[source]?.skewMs ?? 0);
  }

  /** Emits an event from a source, with the time of its clock. */
  emit<Type extends EventType>(source: number, type: Type, subject: string | null, data: EventInput<Type>): void {
    const { tenant, site, sources } = this.options;
    this.#lastSpoke[source] = this.now;
    this.#outbox.push({
      at: instant(this.now),
      event: {
        specversion: '1.0',
        id: this.id('e', ++this.#events),
        source: sources[source]?.uri ?? '',
        type,
        time: new Date(this.clock(source)).toISOString(),
        ...(subject !== null && { subject }),
        tenant,
        site,
        data,
      },
    });
  }

  #beat(source: number): void {
    const due = (this.#lastSpoke[source] ?? 0) + this.options.heartbeatMs;
    if (due <= this.now) this.emit(source, 'acd.source.heartbeat', null, {});
    this.at(due <= this.now ? this.now + this.options.heartbeatMs : due, () => this.#beat(source));
  }
}
