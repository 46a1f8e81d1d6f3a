import type { Pulse, ReplayedFrame, QueueInfo, WallboardSnapshot } from '@queuecast/live';
import { computed, signal, type Signal } from '@preact/signals';
import { ServerClock } from '../clock.js';
import { longestWait, needOf, orderByNeed, targetGap, type Need } from './need.js';
import { knownUntil, type Link } from './trust.js';

export type Phase =
  { readonly kind: 'connecting' | 'ready' | 'signIn' } | { readonly kind: 'refused'; readonly reason: string };

/** Without a pulse for this long the connection counts as lost, whatever the socket believes: pulses come every 2 s. */
const PULSE_PATIENCE_MS = 7_000;

/** What a queue that the configuration does not name is shown with. */
const unnamed = ({ queue, site, today }: ReplayedFrame): QueueInfo => ({
  queue,
  site,
  name: { en: queue },
  public: false,
  thresholdMs: today?.thresholdMs ?? 150_000,
  target: 0.8,
  timeZone: 'UTC',
});

/** Everything the wallboard shows, as signals; fed by the connection, read by the components. */
export class Board {
  readonly phase = signal<Phase>({ kind: 'connecting' });
  readonly tenant = signal('');
  readonly tenantName = signal('');
  readonly infos = signal<ReadonlyMap<string, QueueInfo>>(new Map());
  /** Queues in the order on screen. */
  readonly order = signal<readonly string[]>([]);
  readonly link = signal<Link>({ lostSince: null, processorSilentSince: null });
  /** The server's clock, moved on once a second. */
  readonly now: Signal<number>;
  readonly needs = computed(() => this.#needs());
  readonly summary = computed(() => this.#summary());
  readonly agreement = computed(() => this.#agreement());
  readonly clock: ServerClock;
  readonly #frames = new Map<string, Signal<ReplayedFrame | null>>();
  #heardAt = 0;

  constructor(clock: ServerClock = new ServerClock()) {
    this.clock = clock;
    this.now = signal(clock.now());
  }

  frame(queue: string): Signal<ReplayedFrame | null> {
    const known = this.#frames.get(queue);
    if (known) return known;
    const made = signal<ReplayedFrame | null>(null);
    this.#frames.set(queue, made);
    return made;
  }

  takeSnapshot(snapshot: WallboardSnapshot): void {
    this.#hear(snapshot.serverTime);
    this.tenant.value = snapshot.tenant;
    this.tenantName.value = snapshot.tenantName;
    this.infos.value = new Map(snapshot.queues.map((info) => [info.queue, info]));
    for (const frame of snapshot.frames) this.#keep(frame);
    const known = new Set(this.order.value.filter((queue) => this.infos.value.has(queue)));
    this.order.value = [...known, ...[...this.infos.value.keys()].filter((queue) => !known.has(queue))];
    this.phase.value = { kind: 'ready' };
    this.tick();
    this.reorder();
  }

  takeFrame(frame: ReplayedFrame): void {
    this.#heardAt = this.clock.now();
    this.#keep(frame);
  }

  takePulse({ serverTime, processorSilentSince }: Pulse): void {
    this.#hear(serverTime);
    if (processorSilentSince !== this.link.value.processorSilentSince)
      this.link.value = { ...this.link.value, processorSilentSince };
  }

  /** Queues of which the pulse shows a version that is not here. */
  lacking({ versions }: Pulse): string[] {
    return Object.keys(versions).filter(
      (queue) => (versions[queue] ?? 0) > (this.#frames.get(queue)?.peek()?.version ?? -1),
    );
  }

  /** The connection is gone; since now, unless it already was. */
  lose(): void {
    if (this.link.value.lostSince === null) this.link.value = { ...this.link.value, lostSince: this.clock.now() };
  }

  /** To be called every second. */
  tick(): void {
    this.now.value = this.clock.now();
    if (this.phase.value.kind === 'ready' && this.link.value.lostSince === null)
      if (this.now.value - this.#heardAt > PULSE_PATIENCE_MS)
        this.link.value = { ...this.link.value, lostSince: this.#heardAt };
  }

  /** To be called every few seconds, so that tiles do not jump under the eye. Figures that stand still stay in place. */
  reorder(): void {
    if (this.link.value.lostSince !== null || this.link.value.processorSilentSince !== null) return;
    const next = orderByNeed(this.order.value, this.needs.value);
    if (next.some((queue, at) => queue !== this.order.value[at])) this.order.value = next;
  }

  #hear(serverTime: number): void {
    this.clock.learn(serverTime);
    this.#heardAt = this.clock.now();
    if (this.link.value.lostSince !== null) this.link.value = { ...this.link.value, lostSince: null };
  }

  #keep(frame: ReplayedFrame): void {
    if (!this.infos.value.has(frame.queue)) {
      this.infos.value = new Map([...this.infos.value, [frame.queue, unnamed(frame)]]);
      this.order.value = [...this.order.value, frame.queue];
    }
    const held = this.frame(frame.queue);
    if ((held.peek()?.version ?? -1) < frame.version) held.value = frame;
  }

  #readAt(frame: ReplayedFrame): number {
    return knownUntil(frame, this.link.value, this.now.value);
  }

  #needs(): Map<string, Need> {
    const needs = new Map<string, Need>();
    for (const [queue, info] of this.infos.value) {
      const frame = this.frame(queue).value;
      if (frame) needs.set(queue, needOf(frame, info, this.#readAt(frame)));
    }
    return needs;
  }

  #agreement(): Agreement | null {
    let compared = false;
    let differences = 0;
    let since: number | null = null;
    for (const queue of this.infos.value.keys()) {
      const history = this.frame(queue).value?.history;
      if (!history) continue;
      compared = true;
      differences += history.differences;
      if (history.since !== null) since = Math.min(history.since, since ?? history.since);
    }
    return compared ? { differences, since } : null;
  }

  #summary(): Summary {
    let waiting = 0;
    let open = 0;
    let underTarget = 0;
    let longest: Summary['longest'] = null;
    for (const [queue, info] of this.infos.value) {
      const frame = this.frame(queue).value;
      if (!frame) continue;
      waiting += frame.waiting;
      if (frame.opening.state === 'open') open += 1;
      if (frame.opening.state === 'open' && targetGap(frame, info) > 0) underTarget += 1;
      const wait = longestWait(frame, this.#readAt(frame));
      if (wait > (longest?.milliseconds ?? 0)) longest = { queue, milliseconds: wait };
    }
    return { waiting, open, underTarget, longest };
  }
}

/** Whether what was shown agrees with what reports say now. */
export interface Agreement {
  readonly differences: number;
  /** Since when it does not. */
  readonly since: number | null;
}

export interface Summary {
  readonly waiting: number;
  readonly open: number;
  /** Open queues whose service level today is below their target. */
  readonly underTarget: number;
  readonly longest: { readonly queue: string; readonly milliseconds: number } | null;
}
