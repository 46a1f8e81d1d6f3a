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

/** Days that end by what is published up to `over`, since the event at `version`. */
interface EndedDays {
  readonly over: number;
  readonly version: number;
}

/**
 * The contacts of one site that their source forgot. They are suspected as events and time go on, which changes nothing
 * but what is shown; at the end of their queue's business day those still suspicious are closed as unknown, by an event.
 *
 * Time is the source's: a day that comes in late, or is read again, must not be judged by our clock. A day is over for a
 * queue at the event with which the interval that holds its end is published: that is kept with the facts, so a day that
 * was judged is not judged again after a restart. While the source is silent its clock is thought to go on.
 */
export class SiteGhosts {
  private sourceTime: Instant | null = null;
  private heardAt: number;
  /** Which end of a business day comes next in the log, by queue; and the first of them. */
  private readonly ends = new Map<QueueId, Instant>();
  private due = -Infinity;
  private undecided: EndedDays | null = null;
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
    for (const answer of answered) suspicions.restoreAnswer(answer);
    this.sourceTime = settledAt;
    this.heardAt = this.ports.now();
    this.reinstated = this.fold.reinstated;
    this.noteEnds();
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
    const over = this.fold.published?.to ?? -Infinity;
    if (over >= this.due) {
      this.undecided ??= { over, version };
      if (!this.hasUnread(this.undecided)) this.decide();
    } else if (this.fold.live.queueCount !== this.ends.size) this.noteEnds();
  }

  /**
   * Whether a day ended in which contacts are suspicious of which the facts may hold more. Nothing more is to be folded
   * before these are read back and {@link decide} was called: what was known at this position could not be told apart.
   */
  get awaitsFacts(): boolean {
    return this.undecided !== null;
  }

  /** Closes the days that have ended, if any have; what the facts hold of contacts was read back. */
  decide(): void {
    if (!this.undecided) return;
    const { over, version } = this.undecided;
    this.undecided = null;
    this.closeDays(over, version);
    this.noteEnds();
  }

  private hasUnread({ over, version }: EndedDays): boolean {
    const { suspicions } = this.fold;
    return [...this.ends].some(
      ([queue, end]) => end <= over && suspicions.judge(queue, this.termsOf(queue), judgedAt(end), version).unread > 0,
    );
  }

  /** Looks for suspects. */
  review(): void {
    if (this.sourceTime === null) return;
    const unheardMs = Math.max(0, this.ports.now() - this.heardAt);
    const isSilent = unheardMs > this.silentMs;
    const time = isSilent ? instant(this.sourceTime + unheardMs) : this.sourceTime;
    for (const queue of this.fold.live.knownQueues()) this.reviewQueue(queue, time);
    if (isSilent && time - ALLOWANCE_MS >= this.due) this.closeDays(time - ALLOWANCE_MS, null);
  }

  private reviewQueue(queue: QueueId, time: Instant): void {
    for (const suspect of this.fold.suspicions.review(queue, this.termsOf(queue), time)) {
      const { contact, leg, reason, lastHeardAt, suspectedAt } = suspect;
      this.ports.metrics.suspicions.inc({ reason });
      const id = `suspected/${contact}/${leg}/${lastHeardAt}`;
      if (!this.isNews(id)) continue;
      this.announce(id, 'acd.contact.suspected', suspect, suspectedAt, {
        leg,
        queue,
        reason,
        lastHeardAt: isoOf(lastHeardAt),
      });
    }
  }

  private isNews(id: string): boolean {
    if (this.announced.has(id)) return false;
    this.announced.add(id);
    for (const oldest of this.announced) {
      if (this.announced.size <= ANNOUNCED_KEPT) break;
      this.announced.delete(oldest);
    }
    return true;
  }

  private closeDays(over: number, version: number | null): void {
    for (const [queue, end] of this.ends) if (end <= over) this.closeDay(queue, end, version);
  }

  /** Which end of a business day comes next for each queue, from what is published on. */
  private noteEnds(): void {
    const over = this.fold.published?.to;
    if (over === undefined) return;
    const byCalendar = new Map<string, Instant>();
    this.due = Infinity;
    for (const queue of this.fold.live.knownQueues()) {
      let end = this.ends.get(queue);
      if (end === undefined || end <= over) {
        const { timeZone, businessDayStart } = this.ports.settingsOf(queue);
        const calendar = `${timeZone} ${businessDayStart}`;
        end = byCalendar.get(calendar) ?? endOfBusinessDay(timeZone, businessDayStart, over);
        byCalendar.set(calendar, end);
        this.ends.set(queue, end);
      }
      this.due = Math.min(this.due, end);
    }
  }

  /**
   * What is decided at a position of the log counts from there on; when it comes back from the log it is known already. So
   * facts do not depend on how long it is on its way, nor a replay on where it stands. What our clock decides counts when
   * it comes back from the log, and does not stand in for what the log decides when its time comes to the day's end.
   *
   * @param version that position; null if it was our clock that decided, and not an event
   */
  private closeDay(queue: QueueId, end: Instant, version: number | null): void {
    const { suspects } = this.fold.suspicions.judge(queue, this.termsOf(queue), judgedAt(end), version ?? Infinity);
    for (const suspect of suspects) {
      const { contact, reason, lastHeardAt } = suspect;
      if (lastHeardAt > end) continue;
      const id = `presumed-gone/${contact}/${end}`;
      if (version === null && !this.isNews(id)) continue;
      const event = this.announce(id, 'acd.contact.presumed_gone', suspect, end, {
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

const judgedAt = (end: Instant): Instant => instant(end + ALLOWANCE_MS);

const isoOf = (at: Instant): string => new Date(at).toISOString();
