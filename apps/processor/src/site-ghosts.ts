import {
  DEFAULT_FOLD,
  endOfBusinessDay,
  type SiteFold,
  type Suspect,
  type SuspicionTerms,
} from '@queuecast/contact-center';
import {
  instant,
  isOwnSource,
  isOwnType,
  parseEvent,
  OWN_SOURCES,
  type AcdEvent,
  type CloudEvent,
  type EventData,
  type EventType,
  type Instant,
  type QueueId,
} from '@queuecast/events';
import type { CatalogQueue } from '@queuecast/settings';
import type { SiteKey, SuspicionEvidence } from '@queuecast/store';
import type { ProcessorMetrics } from './metrics.js';

/** Events around the end of a day are let in first. */
const ALLOWANCE_MS = DEFAULT_FOLD.latenessMs;
/** Suspicions that are known to be in the log: more are forgotten, oldest first, and would be told again. */
const ANNOUNCED_KEPT = 10_000;

export interface GhostPorts {
  readonly settingsOf: (queue: QueueId) => CatalogQueue;
  /** Takes an event of our own to the log. */
  readonly announce: (event: CloudEvent) => void;
  readonly metrics: Pick<ProcessorMetrics, 'suspicions' | 'reinstated' | 'presumedGone'>;
  /** The wall clock, milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * The contacts of one site that their source forgot. They are suspected as events and time go on, which changes nothing
 * but what is shown; at the end of their queue's business day those still suspicious are closed as unknown, by an event.
 *
 * Time is the source's: a day that comes in late, or is read again, must not be judged by our clock. While the source is
 * silent its clock is thought to go on.
 */
export class SiteGhosts {
  private sourceTime: Instant | null = null;
  private heardAt: number;
  /** Which end of a business day comes next, by queue; and the first of them, with the allowance. */
  private readonly ends = new Map<QueueId, Instant>();
  private due = -Infinity;
  private reinstated = 0;
  private readonly announced = new Set<string>();

  constructor(
    private readonly site: SiteKey,
    private readonly fold: SiteFold,
    private readonly silentMs: number,
    private readonly ports: GhostPorts,
  ) {
    this.heardAt = ports.now();
  }

  /** Takes up what the facts know of waits, after the fold was restored. */
  restore({ waits, answered }: SuspicionEvidence): void {
    const { suspicions, settledAt } = this.fold;
    for (const { queue, waitMs, legs } of waits) suspicions.restoreWaits(queue, waitMs, legs);
    for (const { queue, priority, queuedAt, ...leg } of answered)
      suspicions.restoreAnswered(queue, priority, leg, queuedAt);
    this.sourceTime = settledAt;
    this.heardAt = this.ports.now();
    this.reinstated = this.fold.reinstated;
    if (settledAt !== null) this.closeDays(settledAt, null);
  }

  /** A suspicion that is in the archive is not told again. */
  restoreAnnounced(event: AcdEvent): void {
    if (event.type === 'acd.contact.suspected') this.announced.add(event.id);
  }

  /** An event was folded. @param version its position in the log */
  folded(event: AcdEvent, version: number): void {
    const { metrics, now } = this.ports;
    const cleared = this.fold.reinstated - this.reinstated;
    if (cleared > 0) {
      metrics.reinstated.inc({ by: event.type === 'acd.contact.reinstated' ? 'person' : 'source' }, cleared);
      this.reinstated = this.fold.reinstated;
    }
    if (event.type === 'acd.contact.presumed_gone') metrics.presumedGone.inc({ reason: event.data.reason });
    if (isOwnType(event.type) || isOwnSource(event.source)) return;
    this.heardAt = now();
    if (this.sourceTime === null || event.at > this.sourceTime) this.sourceTime = event.at;
    if (this.sourceTime >= this.due || this.fold.live.queueCount !== this.ends.size)
      this.closeDays(this.sourceTime, version);
  }

  /** Looks for suspects. */
  review(): void {
    if (this.sourceTime === null) return;
    const unheardMs = Math.max(0, this.ports.now() - this.heardAt);
    const time = unheardMs > this.silentMs ? instant(this.sourceTime + unheardMs) : this.sourceTime;
    for (const queue of this.fold.live.knownQueues()) this.reviewQueue(queue, time);
    if (time >= this.due) this.closeDays(time, null);
  }

  private reviewQueue(queue: QueueId, time: Instant): void {
    for (const suspect of this.fold.suspicions.review(queue, this.termsOf(queue), time)) {
      const { contact, leg, reason, lastHeardAt, suspectedAt } = suspect;
      this.ports.metrics.suspicions.inc({ reason });
      const id = `suspected/${contact}/${leg}/${lastHeardAt}`;
      if (this.announced.has(id)) continue;
      this.announced.add(id);
      for (const oldest of this.announced) {
        if (this.announced.size <= ANNOUNCED_KEPT) break;
        this.announced.delete(oldest);
      }
      this.announce(id, 'acd.contact.suspected', suspect, suspectedAt, {
        leg,
        queue,
        reason,
        lastHeardAt: isoOf(lastHeardAt),
      });
    }
  }

  /** Closes the days that are over at `time`, and sets when the next one is. */
  private closeDays(time: Instant, version: number | null): void {
    const latest = instant(time - ALLOWANCE_MS);
    const byCalendar = new Map<string, Instant>();
    this.due = Infinity;
    for (const queue of this.fold.live.knownQueues()) {
      let end = this.ends.get(queue);
      if (end !== undefined && end <= latest) this.closeDay(queue, end, time, version);
      if (end === undefined || end <= latest) {
        const { timeZone, businessDayStart } = this.ports.settingsOf(queue);
        const calendar = `${timeZone} ${businessDayStart}`;
        end = byCalendar.get(calendar) ?? endOfBusinessDay(timeZone, businessDayStart, latest);
        byCalendar.set(calendar, end);
        this.ends.set(queue, end);
      }
      this.due = Math.min(this.due, end + ALLOWANCE_MS);
    }
  }

  /**
   * What is decided at a position of the log counts from there on; when it comes back from the log it is known already. So
   * facts do not depend on how long it is on its way, nor a replay on where it stands.
   *
   * @param version that position; null if it was time that decided, and not an event
   */
  private closeDay(queue: QueueId, end: Instant, time: Instant, version: number | null): void {
    for (const suspect of this.fold.suspicions.judge(queue, this.termsOf(queue), time)) {
      const { contact, reason, lastHeardAt } = suspect;
      if (lastHeardAt > end) continue;
      const event = this.announce(`presumed-gone/${contact}/${end}`, 'acd.contact.presumed_gone', suspect, end, {
        reason,
        lastHeardAt: isoOf(lastHeardAt),
        by: 'queuecast',
      });
      const parsed = parseEvent(event, end);
      if (version !== null && parsed.kind === 'event') this.fold.apply(parsed.event, version);
    }
  }

  private announce<Type extends EventType>(
    id: string,
    type: Type,
    { contact }: Suspect,
    at: Instant,
    data: EventData<Type>,
  ): CloudEvent {
    const event: CloudEvent = {
      specversion: '1.0',
      id,
      source: OWN_SOURCES.processor,
      type,
      time: isoOf(at),
      subject: contact,
      tenant: this.site.tenant,
      site: this.site.site,
      data,
    };
    this.ports.announce(event);
    return event;
  }

  private termsOf(queue: QueueId): SuspicionTerms {
    const { suspectOvertakenBy, suspectSilent } = this.ports.settingsOf(queue);
    return { overtakenBy: suspectOvertakenBy, silence: suspectSilent };
  }
}

const isoOf = (at: Instant): string => new Date(at).toISOString();
