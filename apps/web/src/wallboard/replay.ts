import type { ReplayedWallboard } from '@queuecast/live';
import { signal } from '@preact/signals';
import { ServerClock } from '../clock.js';
import { Board } from './board.js';
import { playback, ReplayRefused, wallboardAt, type Side } from './replay-feed.js';

export const SPEEDS = [1, 10, 60, 600] as const;
export type Speed = (typeof SPEEDS)[number];

/** Where one begins to look back, before now. */
const FIRST_LOOK_MS = 15 * 60_000;
const TICK_MS = 250;
/** At the slowest speed a frame every two seconds, at the others one a second: in between the replay's clock counts. */
const stepOf = (speed: Speed): number => Math.max(2, speed);

/** A past wallboard on screen: its board runs on the replay's clock, which stands, or runs as fast as is chosen. */
export class Replay {
  /** What is shown in place of the live board; null while that is shown. */
  readonly board = signal<Board | null>(null);
  /** The instant on screen. */
  readonly at = signal(0);
  readonly playing = signal(false);
  readonly speed = signal<Speed>(60);
  readonly side = signal<Side>('then');
  /** Why nothing is shown of this instant. */
  readonly failure = signal<string | null>(null);
  /** It is not on record what was shown at this instant. */
  readonly nothing = signal(false);
  private going = new AbortController();
  /** Where to go; what is on screen stays until its figures are here. */
  private wanted: number | null = null;

  constructor(private readonly live: Board) {}

  /** There is nothing to look back on after this. */
  latest(): number {
    return this.live.clock.now();
  }

  open(): void {
    this.at.value = this.live.clock.now() - FIRST_LOOK_MS;
    this.board.value = this.fresh();
    this.seek(this.live.clock.now() - FIRST_LOOK_MS);
  }

  /** Shows the live board again. */
  leave(): void {
    this.going.abort();
    this.playing.value = false;
    this.board.value = null;
  }

  /** Shows the instant, and plays on from there if it was playing. */
  seek(at: number): void {
    this.wanted = Math.min(at, this.latest());
    this.restart();
  }

  show(side: Side): void {
    this.side.value = side;
    this.seek(this.wanted ?? this.at.value);
  }

  run(speed: Speed): void {
    this.speed.value = speed;
    this.restart();
  }

  toggle(): void {
    this.playing.value = !this.playing.value;
    this.restart();
  }

  private restart(): void {
    this.going.abort();
    this.going = new AbortController();
    const { signal } = this.going;
    const work = this.playing.value ? this.play(signal) : this.look(signal);
    work.catch((error: unknown) => {
      if (signal.aborted) return;
      this.playing.value = false;
      this.arrive(this.wanted ?? this.at.value);
      this.failure.value = error instanceof ReplayRefused ? error.message : String(error);
    });
  }

  private async look(signal: AbortSignal): Promise<void> {
    const wallboard = await wallboardAt(this.wanted ?? this.at.value, this.side.value, signal);
    if (!signal.aborted) this.take(wallboard);
  }

  private async play(signal: AbortSignal): Promise<void> {
    const speed = this.speed.value;
    // The clock is the replay's: it waits for a frame that is not there yet, and never runs past it.
    let shown = { at: this.wanted ?? this.at.value, real: performance.now() };
    for await (const wallboard of playback(shown.at, this.live.clock.now(), stepOf(speed), this.side.value, signal)) {
      for (;;) {
        if (signal.aborted) return;
        const reached = shown.at + (performance.now() - shown.real) * speed;
        if (reached >= wallboard.at) break;
        if (this.wanted === null) this.tick(reached);
        await new Promise((resolve) => setTimeout(resolve, Math.min(TICK_MS, (wallboard.at - reached) / speed)));
      }
      shown = { at: wallboard.at, real: performance.now() };
      this.take(wallboard);
    }
    if (!signal.aborted) this.playing.value = false;
  }

  private take(wallboard: ReplayedWallboard): void {
    const side = this.side.value;
    const frames = wallboard.sites.flatMap((site) => site[side] ?? []);
    this.failure.value = null;
    this.nothing.value = frames.length === 0;
    if (this.wanted !== null || frames.length === 0) this.arrive(wallboard.at);
    this.tick(wallboard.at);
    for (const frame of frames) this.board.value?.takeFrame(frame);
    this.board.value?.reorder();
  }

  private arrive(at: number): void {
    this.wanted = null;
    this.at.value = at;
    this.board.value = this.fresh();
  }

  private tick(at: number): void {
    this.at.value = at;
    const { value: board } = this.board;
    if (board) board.now.value = at;
  }

  /** A board without frames: those of a later instant must not stay on screen. */
  private fresh(): Board {
    const board = new Board(new ServerClock(() => this.at.value));
    const { live } = this;
    board.takeSnapshot({
      tenant: live.tenant.value,
      tenantName: live.tenantName.value,
      serverTime: this.at.value,
      queues: live.order.value.flatMap((queue) => live.infos.value.get(queue) ?? []),
      frames: [],
    });
    return board;
  }
}
