import { randomUUID } from 'node:crypto';
import type { NoticeSeverity, TenantId } from '@queuecast/events';
import { ProblemException } from '@queuecast/http';
import type { PostedNotice } from '@queuecast/live';
import type { Catalog, CatalogQueue } from '@queuecast/settings';
import type { Store } from '@queuecast/store';
import { readArchive, textOf } from '../archive.js';
import type { AuditRange } from '../audit.js';
import type { FrameCache } from '../frames/frame-cache.js';
import { knownQueues } from '../frames/known-queues.js';
import type { Clock } from '../gateway.tokens.js';
import type { OwnEvents, OwnWord } from '../own-events.js';
import { fitPublicly, MAX_NOTICES } from '../public/public-notices.js';
import type { Actor } from '../reports/access.js';
import type { NoticeBody } from './notice-body.js';

const HOUR_MS = 3_600_000;
const DEFAULT_MS = 4 * HOUR_MS;
const LONGEST_MS = 7 * 24 * HOUR_MS;

/** A notice over all the queues that show it. */
export interface TenantNotice {
  readonly id: string;
  readonly severity: NoticeSeverity;
  readonly text: Readonly<Record<string, string>>;
  readonly queues: readonly string[];
  /** RFC 3339; null: until it is cleared. */
  readonly until: string | null;
  readonly postedAt: string;
  readonly by: string;
}

/** One line of the audit: what was posted, changed or cleared, where, when and by whom. */
export interface NoticeRecord {
  readonly at: string;
  readonly what: 'posted' | 'cleared';
  readonly notice: string;
  readonly queues: readonly string[];
  readonly severity: string | null;
  readonly text: Readonly<Record<string, string>> | null;
  readonly until: string | null;
  readonly by: string;
}

/** Notices of a tenant: what is shown now, what was, and the posting, changing and clearing of them. */
export class Notices {
  constructor(
    private readonly store: Store,
    private readonly events: OwnEvents,
    private readonly catalog: Catalog,
    private readonly frames: FrameCache,
    private readonly now: Clock,
  ) {}

  /** Shown now, the latest posted first. */
  current(tenant: TenantId): TenantNotice[] {
    const byId = new Map<string, { notice: PostedNotice; queues: string[] }>();
    for (const { queue, notice } of this.shown(tenant)) {
      const known = byId.get(notice.id);
      if (!known) byId.set(notice.id, { notice, queues: [queue] });
      else {
        known.queues.push(queue);
        // A change is on its way to all of its queues: the newer word counts.
        if (notice.postedAt > known.notice.postedAt) known.notice = notice;
      }
    }
    return [...byId.values()]
      .sort((a, b) => b.notice.postedAt - a.notice.postedAt)
      .map(({ notice, queues }) => asTold(notice, queues));
  }

  /** What was posted, changed and cleared in a range, latest first. @throws ProblemException 503 */
  async audit(tenant: TenantId, { from, to, limit }: AuditRange): Promise<NoticeRecord[]> {
    const field = (name: string): string => `JSONExtractString(body, 'data', '${name}')`;
    const rows = await readArchive(
      this.store,
      `SELECT toUnixTimestamp64Milli(at) AS ms, replaceOne(type, 'acd.queue.notice_', '') AS what, ${field('notice')} AS notice,
  groupUniqArray(1000)(${field('queue')}) AS queues, any(${field('severity')}) AS severity,
  any(JSONExtractRaw(body, 'data', 'text')) AS text, any(${field('until')}) AS until,
  any(if(${field('by')} = '', source, ${field('by')})) AS said_by
FROM events FINAL
WHERE tenant = {tenant:String} AND type IN ('acd.queue.notice_posted', 'acd.queue.notice_cleared')
  AND at >= fromUnixTimestamp64Milli({from:Int64}) AND at < fromUnixTimestamp64Milli({to:Int64})
GROUP BY at, type, notice, source ORDER BY at DESC, type LIMIT {limit:UInt32}`,
      { tenant, from, to, limit },
    );
    return rows.map((row) => ({
      at: new Date(Number(row['ms'])).toISOString(),
      what: row['what'] as NoticeRecord['what'],
      notice: row['notice'] as string,
      queues: (row['queues'] as string[]).toSorted(),
      severity: textOf(row, 'severity') ?? (row['what'] === 'posted' ? 'info' : null),
      text: parsed(textOf(row, 'text')),
      until: textOf(row, 'until'),
      by: row['said_by'] as string,
    }));
  }

  /** Puts a notice up. Resolves when it is durable; it is on every page that shows the queue right after. */
  post(actor: Actor, body: NoticeBody): Promise<TenantNotice> {
    return this.put(actor, randomUUID(), body, []);
  }

  /** Replaces a notice: its texts, and where it is shown. @throws ProblemException 404 if it is not shown */
  change(actor: Actor, id: string, body: NoticeBody): Promise<TenantNotice> {
    return this.put(actor, id, body, this.shownOf(actor.tenant, id));
  }

  /** Takes a notice down everywhere. @throws ProblemException 404 if it is not shown */
  async clear(actor: Actor, id: string): Promise<void> {
    const shown = this.shownOf(actor.tenant, id);
    await this.events.append(
      shown.map(({ queue, site }) => cleared(actor, id, queue, site)),
      this.after(shown),
    );
  }

  private async put(actor: Actor, id: string, body: NoticeBody, shown: readonly Shown[]): Promise<TenantNotice> {
    const { tenant, by } = actor;
    const at = this.after(shown);
    const until = this.untilOf(body, at);
    const queues = this.queuesOf(tenant, body.queues);
    const { severity, text } = body;
    const notice: PostedNotice = { id, severity, text, until, postedAt: at, by };
    this.requireRoom(tenant, queues, notice, at);
    const words = queues.map(({ id: queue, site }): OwnWord => {
      const data = { queue, notice: id, text, severity, until: new Date(until).toISOString(), by };
      return { tenant, site, type: 'acd.queue.notice_posted', data };
    });
    const gone = shown.filter(({ queue }) => !queues.some((kept) => kept.id === queue));
    await this.events.append([...words, ...gone.map(({ queue, site }) => cleared(actor, id, queue, site))], at);
    return asTold(
      notice,
      queues.map((queue) => queue.id),
    );
  }

  private untilOf({ until }: NoticeBody, now: number): number {
    if (until === undefined) return now + DEFAULT_MS;
    const at = Date.parse(until);
    if (at <= now) throw fieldProblem('until', 'is in the past: name a time to come, or leave it out for 4 hours');
    if (at > now + LONGEST_MS) throw fieldProblem('until', 'must be within 7 days: post the notice again then');
    return at;
  }

  private queuesOf(tenant: TenantId, wanted: NoticeBody['queues']): CatalogQueue[] {
    const known = knownQueues(this.catalog, this.frames, tenant);
    if (wanted === 'all') {
      if (known.length === 0) throw fieldProblem('queues', 'there is no queue yet to show it on');
      return known;
    }
    return [...new Set(wanted)].map((id) => {
      const queue = known.find((candidate) => candidate.id === id);
      if (!queue) throw fieldProblem('queues', `${id} is no queue of ${tenant}: see the queues of its wallboard`);
      return queue;
    });
  }

  /** A public page has little room, and what is posted must not be left out of it in silence. */
  private requireRoom(tenant: TenantId, queues: readonly CatalogQueue[], notice: PostedNotice, now: number): void {
    for (const { id } of queues) {
      const others = (this.frames.frame(tenant, id)?.notices ?? []).filter(
        (other) => other.id !== notice.id && (other.until === null || other.until > now),
      );
      if (others.length >= MAX_NOTICES)
        throw new ProblemException(409, {
          detail: `queues: ${id} shows ${others.length} notices already, and a page has room for ${MAX_NOTICES}: end one of them first`,
        });
      if (!fitPublicly([notice], now))
        throw fieldProblem('text', 'is too long in all its languages together for a public page: shorten it');
      if (others.length > 0 && !fitPublicly([notice, ...others], now))
        throw new ProblemException(409, {
          detail: `text: is too long to be shown on ${id} beside the notices that are there: shorten it, or end one of them`,
        });
    }
  }

  /** The time of a word about something: now, and never before what was said of it. */
  private after(shown: readonly Shown[]): number {
    return Math.max(this.now(), ...shown.map(({ notice }) => notice.postedAt + 1));
  }

  private shown(tenant: TenantId): Shown[] {
    const now = this.now();
    return this.frames
      .frames(tenant)
      .flatMap(({ queue, site, notices }) =>
        notices.filter(({ until }) => until === null || until > now).map((notice): Shown => ({ queue, site, notice })),
      );
  }

  private shownOf(tenant: TenantId, id: string): Shown[] {
    const shown = this.shown(tenant).filter(({ notice }) => notice.id === id);
    if (shown.length > 0) return shown;
    throw new ProblemException(404, {
      detail: `notice: none of ${tenant} with the id ${id} is shown now: it has ended, or never was; see GET /v1/notices`,
    });
  }
}

/** A notice on one of the queues that show it. */
interface Shown {
  readonly queue: string;
  readonly site: string;
  readonly notice: PostedNotice;
}

const cleared = ({ tenant, by }: Actor, notice: string, queue: string, site: string): OwnWord => ({
  tenant,
  site,
  type: 'acd.queue.notice_cleared',
  data: { queue, notice, by },
});

const asTold = (
  { id, severity, text, until, postedAt, by }: PostedNotice,
  queues: readonly string[],
): TenantNotice => ({
  id,
  severity,
  text,
  queues,
  until: until === null ? null : new Date(until).toISOString(),
  postedAt: new Date(postedAt).toISOString(),
  by,
});

const parsed = (json: string | null): Record<string, string> | null =>
  json === null ? null : (JSON.parse(json) as Record<string, string>);

const fieldProblem = (field: string, message: string): ProblemException =>
  new ProblemException(400, { detail: `${field}: ${message}`, errors: [{ field, message }] });
