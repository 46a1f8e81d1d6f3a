import {
  DEFAULT_FOLD,
  endOfBusinessDay,
  type SiteFold,
  type Suspect,
  type SuspicionTerms,
  type SuspicionVerdict,
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

/** Days that end by what is published up to `over`, since the event at `version`; null if it is our clock that says so. */
interface EndedDays {
  readonly over: number;
  readonly version: number | null;
}

/** A queue's day that ended at `end`, and what is to be thought of its open contacts. */
interface JudgedDay extends SuspicionVerdict {
  readonly end: Instant;
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
    this.review();
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
    // Whom a source has just forgotten, nobody is to see waiting.
    if (event.type === 'acd.source.restarted' || event.type === 'acd.source.snapshot') this.review();
    const over = this.fold.published?.to ?? -Infinity;
    if (over >= this.due) {
      const ended = (this.undecided ??= { over, version });
      const days = this.judge(ended);
      if (days.every(({ unread }) => unread === 0)) this.settle(ended, days);
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
    if (this.undecided) this.settle(this.undecided, this.judge(this.undecided));
  }

  private settle(ended: EndedDays, days: readonly JudgedDay[]): void {
    this.undecided = null;
    this.close(days, ended.version);
    this.noteEnds();
  }

  private judge({ over, version }: EndedDays): JudgedDay[] {
    const { suspicions } = this.fold;
    return [...this.ends]
      .filter(([, end]) => end <= over)
      .map(([queue, end]) => ({
        end,
        ...suspicions.judge(queue, this.termsOf(queue), instant(end + ALLOWANCE_MS), version ?? Infinity),
      }));
  }

  /** Looks for suspects. */
  review(): void {
    if (this.sourceTime === null) return;
    const unheardMs = Math.max(0, this.ports.now() - this.heardAt);
    const isSilent = unheardMs > this.silentMs;
    const time = isSilent ? instant(this.sourceTime + unheardMs) : this.sourceTime;
    for (const queue of this.fold.live.knownQueues()) this.reviewQueue(queue, time);
    const over = time - ALLOWANCE_MS;
    if (isSilent && over >= this.due) this.close(this.judge({ over, version: null }), null);
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
  private close(days: readonly JudgedDay[], version: number | null): void {
    /** A contact with suspicious legs in several queues is closed with the first of them. */
    const closed = new Set<string>();
    for (const { end, suspects } of days) {
      for (const suspect of suspects) {
        const { contact, reason, lastHeardAt } = suspect;
        if (lastHeardAt > end || closed.has(contact)) continue;
        closed.add(contact);
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
