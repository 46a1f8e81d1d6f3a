import { isOpen } from '@queuecast/contact-center';
import { instant, type Instant } from '@queuecast/events';
import type { QueueTimes } from './due.js';
import type { CallWindow } from './marks.js';

const HOUR_MS = 3_600_000;

/** An hour (or what is left of it) in which calls can be made, and how many. */
export interface Slot extends CallWindow {
  readonly capacity: number;
}

/** A call that is promised: not before `from`, and at `to` at the latest. */
export type PromisedCall = CallWindow;

/**
 * Calls that agents can make in an hour beside the contacts that come in: agents × one hour / handle time − arrivals. It is
 * the balance of a queue in the long run (what is served cannot exceed what servers can do), and says nothing of waits.
 *
 * @param handleMs mean time that a contact takes an agent, wrap-up included: milliseconds, above 0
 */
export const spareCallsPerHour = (agents: number, handleMs: number, arrivalsPerHour: number): number =>
  Math.max(0, (agents * HOUR_MS) / handleMs - arrivalsPerHour);

/**
 * The hours in which a queue is open between two instants, cut at whole hours since the epoch (in all zones but a few of
 * the half and quarter hour these are whole hours of the wall clock, too).
 *
 * @param perHour how many promised calls can be made in a whole open hour that begins at an instant
 */
export const slotsBetween = (
  times: QueueTimes,
  from: Instant,
  to: Instant,
  perHour: (at: Instant) => number,
): Slot[] => {
  const slots: Slot[] = [];
  for (let at: number = from; at < to;) {
    const { state, until } = isOpen(times.hours, times.holidays, times.timeZone, instant(at));
    const end = Math.min(until ?? to, to);
    if (state === 'open')
      for (let start = at; start < end;) {
        const next = Math.min(end, (Math.floor(start / HOUR_MS) + 1) * HOUR_MS);
        const capacity = Math.floor((perHour(instant(start)) * (next - start)) / HOUR_MS);
        slots.push({ from: instant(start), to: instant(next), capacity });
        start = next;
      }
    at = end;
  }
  return slots;
};

/**
 * Whether all promised calls can be made in time. Each is one unit of work with a release and a deadline, so serving
 * whatever is due earliest is optimal (Horn 1974; Jackson's rule): if that misses a deadline, every order does.
 * Calls that are overdue already are served first, and count against the capacity of the others only.
 *
 * @param slots in time order, not overlapping
 */
export const canKeepAll = (slots: readonly Slot[], calls: readonly PromisedCall[]): boolean =>
  keeping(slots, calls)(null);

/** {@link canKeepAll} for the same calls and one more at a time: they are put in order once. */
export const keeping = (
  slots: readonly Slot[],
  calls: readonly PromisedCall[],
): ((more: PromisedCall | null) => boolean) => {
  const start = slots[0]?.from ?? -Infinity;
  const timely = calls.filter(({ to }) => to > start).sort((a, b) => a.from - b.from);
  const overdue = calls.length - timely.length;
  return (more) => {
    if (more === null) return isKept(slots, timely, overdue);
    if (more.to <= start) return isKept(slots, timely, overdue + 1);
    const at = timely.findIndex(({ from }) => from > more.from);
    return isKept(slots, timely.toSpliced(at < 0 ? timely.length : at, 0, more), overdue);
  };
};

/** @param timely by when they may begin */
const isKept = (slots: readonly Slot[], timely: readonly PromisedCall[], overdue: number): boolean => {
  const released = new DeadlineHeap();
  let backlog = overdue;
  let next = 0;
  for (const { to, capacity } of slots) {
    // A call that may begin within the slot can be made in it.
    for (; next < timely.length && timely[next]!.from < to; next += 1) released.push(timely[next]!.to);
    let left = capacity;
    for (; backlog > 0 && left > 0; left -= 1) backlog -= 1;
    for (; left > 0 && released.size > 0; left -= 1) released.pop();
    // Its deadline passes before the next slot begins, or within this one: it is not made in time.
    if (released.size > 0 && released.least <= to) return false;
  }
  return released.size === 0 && next === timely.length;
};

/** A slot as it can be offered. */
export interface OfferedWindow extends CallWindow {
  /** Whether one more call can be promised in it, with all others kept. */
  readonly free: boolean;
}

/**
 * Which slots can take one more promise, every promise that stands being kept.
 *
 * @param slots in time order, not overlapping
 * @param candidates those of the slots to look at
 */
export const offeredWindows = (
  slots: readonly Slot[],
  calls: readonly PromisedCall[],
  candidates: readonly Slot[] = slots,
): OfferedWindow[] => {
  const isKeptWith = keeping(slots, calls);
  return candidates.map(({ from, to }) => ({ from, to, free: isKeptWith({ from, to }) }));
};

/** A binary heap of deadlines. */
class DeadlineHeap {
  private readonly items: number[] = [];

  get size(): number {
    return this.items.length;
  }

  get least(): number {
    return this.items[0] ?? Infinity;
  }

  push(deadline: number): void {
    const { items } = this;
    let at = items.push(deadline) - 1;
    for (let parent = (at - 1) >> 1; at > 0 && items[parent]! > items[at]!; at = parent, parent = (at - 1) >> 1)
      [items[parent], items[at]] = [items[at]!, items[parent]!];
  }

  pop(): void {
    const { items } = this;
    const last = items.pop();
    if (last === undefined || items.length === 0) return;
    items[0] = last;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const child = left + 1 < items.length && items[left + 1]! < items[left]! ? left + 1 : left;
      if (child >= items.length || items[child]! >= items[at]!) return;
      [items[at], items[child]] = [items[child]!, items[at]!];
      at = child;
    }
  }
}
