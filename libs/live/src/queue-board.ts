import { isOpen, openSince, type OpeningHours } from '@queuecast/contact-center';
import { instant, NOTICE_SEVERITIES, type AcdEvent, type Instant, type QueueId } from '@queuecast/events';
import type { Opening, PostedNotice } from './frames.js';

const HOUR_MS = 3_600_000;

/** A queue's calendar. */
export interface QueueHours {
  readonly hours: OpeningHours;
  /** Local dates on which it is closed, `2026-12-25`. */
  readonly holidays: readonly string[];
  /** IANA zone in which hours and holidays are read. */
  readonly timeZone: string;
}

interface Override {
  readonly state: Opening['state'];
  readonly at: Instant;
  readonly until: Instant | null;
}

/** The last post or clearing of one notice. */
interface NoticeMark {
  readonly at: Instant;
  readonly notice: PostedNotice | null;
}

/**
 * What is announced about the queues of a site: open or closed, and notices. The latest event by its own time counts,
 * so order and repetition do not matter here either.
 */
export class QueueBoard {
  private readonly overrides = new Map<QueueId, Override>();
  private readonly notices = new Map<QueueId, Map<string, NoticeMark>>();
  private readonly calendar = new Map<
    QueueId,
    { readonly opening: Opening; readonly since: Instant | null; readonly from: number; readonly until: number }
  >();

  /** @returns the queue that the event changed, or null */
  apply(event: AcdEvent): QueueId | null {
    switch (event.type) {
      case 'acd.queue.opened':
      case 'acd.queue.closed': {
        const { queue, until } = event.data;
        const known = this.overrides.get(queue);
        if (known && known.at > event.at) return null;
        const state = event.type === 'acd.queue.opened' ? 'open' : 'closed';
        this.overrides.set(queue, {
          state,
          at: event.at,
          until: until === undefined ? null : instant(Date.parse(until)),
        });
        return queue;
      }
      case 'acd.queue.notice_posted': {
        const { queue, notice, severity, text, until, by } = event.data;
        const posted: PostedNotice = {
          id: notice,
          severity,
          text,
          until: until === undefined ? null : Date.parse(until),
          postedAt: event.at,
          by: by ?? event.source,
        };
        return this.mark(queue, notice, { at: event.at, notice: posted });
      }
      case 'acd.queue.notice_cleared':
        return this.mark(event.data.queue, event.data.notice, { at: event.at, notice: null });
      default:
        return null;
    }
  }

  private mark(queue: QueueId, id: string, mark: NoticeMark): QueueId | null {
    const notices = this.notices.get(queue) ?? new Map<string, NoticeMark>();
    this.notices.set(queue, notices);
    const known = notices.get(id);
    if (known && known.at > mark.at) return null;
    notices.set(id, mark);
    return queue;
  }

  /** The notices shown at an instant, the gravest first, then the newest. */
  noticesOf(queue: QueueId, now: Instant): PostedNotice[] {
    const gravity = ({ severity }: PostedNotice): number => NOTICE_SEVERITIES.indexOf(severity);
    return [...(this.notices.get(queue)?.values() ?? [])]
      .flatMap(({ notice }) => (notice && (notice.until === null || notice.until > now) ? [notice] : []))
      .sort((a, b) => gravity(b) - gravity(a) || b.postedAt - a.postedAt || (a.id < b.id ? -1 : 1));
  }

  /**
   * By event until its `until`, or else until the calendar changes; otherwise by the calendar. It is told until when that
   * lasts: whoever closes a queue until after closing time has not said that it opens then.
   */
  openingOf(queue: QueueId, settings: QueueHours, now: Instant): Opening {
    const calendar = this.byCalendar(queue, settings, now).opening;
    const override = this.overrides.get(queue);
    if (!override || override.at > now) return calendar;
    const byCalendarAt = (at: Instant) => isOpen(settings.hours, settings.holidays, settings.timeZone, at);
    const until = override.until ?? byCalendarAt(override.at).until;
    if (until === null) return { state: override.state, until, by: 'event' };
    if (until <= now) return calendar;
    const next = byCalendarAt(until);
    return { state: override.state, until: next.state === override.state ? next.until : until, by: 'event' };
  }

  /** Since when it has been open, by the calendar or by event, whichever is later; null while it is closed. */
  openedAt(queue: QueueId, settings: QueueHours, now: Instant): Instant | null {
    if (this.openingOf(queue, settings, now).state === 'closed') return null;
    const { since } = this.byCalendar(queue, settings, now);
    const override = this.overrides.get(queue);
    if (!override || override.at > now) return since;
    const opened = override.state === 'open' ? override.at : override.until;
    return opened === null || opened > now || (since !== null && since > opened) ? since : opened;
  }

  private byCalendar(queue: QueueId, settings: QueueHours, now: Instant) {
    const known = this.calendar.get(queue);
    // Asked of now and, for what comes in, of the past.
    if (known && known.from <= now && now < known.until) return known;
    const { hours, holidays, timeZone } = settings;
    const opening: Opening = { ...isOpen(hours, holidays, timeZone, now), by: 'calendar' };
    const since = openSince(hours, holidays, timeZone, now);
    // No end is no end in sight: the calendar looks days ahead, so that an hour later is early enough to look again.
    const found = { opening, since, from: now, until: opening.until ?? now + HOUR_MS };
    this.calendar.set(queue, found);
    return found;
  }
}
