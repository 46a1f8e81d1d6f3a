import { midnightOf, minutesOf, weekdayOf, type ZoneClock } from '../local-time.js';
import type { OpeningHours, QueueModel } from './model.js';
import type { Stage } from './stage.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Opening spans of one weekday in minutes since midnight. Throws RangeError when a span does not read like 08:00-20:00. */
const spansOf = (hours: OpeningHours, weekday: number): Span[] => {
  if (hours === 'always') return [{ from: 0, to: 1440 }];
  const day = WEEKDAYS[weekday];
  return ((day && hours[day]) ?? []).map((span) => {
    const [from, to] = span.split('-');
    return { from: minutesOf(from ?? ''), to: minutesOf(to ?? '') };
  });
};

/** Which queues are open, by their hours on the centre's clock. */
export class Opening {
  /** Told at closing time, after the queue said so. */
  onClosed: (queue: QueueModel) => void = () => undefined;
  readonly #spans = new Map<string, readonly (readonly Span[])[]>();
  readonly #open = new Map<string, boolean>();

  constructor(
    private readonly stage: Stage,
    private readonly queues: readonly QueueModel[],
    private readonly zone: ZoneClock,
  ) {
    for (const queue of queues) {
      this.#spans.set(
        queue.id,
        WEEKDAYS.map((_, weekday) => spansOf(queue.hours, weekday)),
      );
      this.#open.set(queue.id, this.#byHours(queue.id, stage.now));
      stage.ledger?.opening(queue.id, this.isOpen(queue.id), stage.now);
    }
  }

  isOpen(queue: string): boolean {
    return this.#open.get(queue) ?? false;
  }

  /** Says how every queue with hours stands at the start. */
  introduce(): void {
    for (const queue of this.queues) if (queue.hours !== 'always') this.#announce(queue);
  }

  /** Plans what opens and closes on the local day that begins at this wall-clock midnight. */
  planDay(midnight: number): void {
    for (const queue of this.queues) {
      if (queue.hours === 'always') continue;
      for (const { from, to } of this.#spans.get(queue.id)?.[weekdayOf(midnight)] ?? [])
        for (const minutes of [from, to]) {
          const at = this.zone.instantOf(midnight + minutes * MINUTE);
          if (at > this.stage.now) this.stage.at(at, () => this.#change(queue));
        }
    }
  }

  #byHours(queue: string, at: number): boolean {
    const wall = this.zone.wallTime(at);
    const minutes = (wall - midnightOf(wall)) / MINUTE;
    const spans = this.#spans.get(queue)?.[weekdayOf(wall)] ?? [];
    return spans.some(({ from, to }) => minutes >= from && minutes < to);
  }

  /** When the present state ends by the hours; null when not within a week. */
  #changesAt(queue: string): number | null {
    const { now } = this.stage;
    const open = this.isOpen(queue);
    const today = midnightOf(this.zone.wallTime(now));
    for (let day = 0; day <= 7; day++) {
      const midnight = today + day * DAY;
      const spans = this.#spans.get(queue)?.[weekdayOf(midnight)] ?? [];
      for (const { from, to } of spans) {
        const at = this.zone.instantOf(midnight + (open ? to : from) * MINUTE);
        if (at > now && this.#byHours(queue, at) !== open) return at;
      }
    }
    return null;
  }

  #change(queue: QueueModel): void {
    const open = this.#byHours(queue.id, this.stage.now);
    // One span may end where the next begins: then nothing changes.
    if (open === this.isOpen(queue.id)) return;
    this.#open.set(queue.id, open);
    this.stage.ledger?.opening(queue.id, open, this.stage.now);
    this.#announce(queue);
    if (!open) this.onClosed(queue);
  }

  #announce(queue: QueueModel): void {
    const until = this.#changesAt(queue.id);
    const end = until === null ? {} : { until: new Date(until).toISOString() };
    if (this.isOpen(queue.id)) this.stage.emit(0, 'acd.queue.opened', null, { queue: queue.id, ...end });
    else this.stage.emit(0, 'acd.queue.closed', null, { queue: queue.id, reason: 'hours', ...end });
  }
}
