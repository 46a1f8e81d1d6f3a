import type { AcdEvent, Instant } from '@queuecast/events';
import type { SourceHealth } from './frames.js';

export interface Patience {
  readonly quietMs: number;
  readonly silentMs: number;
}

/** Whether a site's source still speaks: "quiet" (heartbeats only) is not "silent" (nothing). */
export class SourceWatch {
  private lastEvent: { readonly at: Instant; readonly arrived: Instant } | null = null;
  private lastSign: Instant | null = null;

  constructor(private readonly patience: Patience) {}

  /** @param arrived when the log took the event */
  heard(event: Pick<AcdEvent, 'type' | 'at'>, arrived: Instant): void {
    if (this.lastSign === null || arrived > this.lastSign) this.lastSign = arrived;
    if (event.type !== 'acd.source.heartbeat') this.lastEvent = { at: event.at, arrived };
  }

  /** What was heard last, as the archive says. */
  remember(event: { readonly at: Instant; readonly arrived: Instant } | null, sign: Instant): void {
    this.lastEvent = event;
    this.lastSign = sign;
  }

  /** After a restart: the facts say when the source was heard last. */
  restore(latest: Instant | null): void {
    if (latest === null) return;
    this.lastSign = latest;
    this.lastEvent = { at: latest, arrived: latest };
  }

  health(now: Instant): SourceHealth {
    const lagMs = this.lastEvent && Math.max(0, this.lastEvent.arrived - this.lastEvent.at);
    return { state: this.state(now), lastEventAt: this.lastEvent?.at ?? null, lastHeardAt: this.lastSign, lagMs };
  }

  private state(now: Instant): SourceHealth['state'] {
    if (this.lastSign === null || now - this.lastSign > this.patience.silentMs) return 'silent';
    if (this.lastEvent === null || now - this.lastEvent.arrived > this.patience.quietMs) return 'quiet';
    return 'live';
  }
}
