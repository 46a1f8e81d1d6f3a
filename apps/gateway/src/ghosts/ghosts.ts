import type { CloudEvent, EventType, TenantId } from '@queuecast/events';
import { ProblemException } from '@queuecast/http';
import type { Store } from '@queuecast/store';
import { readArchive, textOf } from '../archive.js';
import type { AuditRange } from '../audit.js';
import type { FrameCache } from '../frames/frame-cache.js';
import type { Clock } from '../gateway.tokens.js';
import type { OwnEvents, OwnWord } from '../own-events.js';
import type { Actor } from '../reports/access.js';

const OWN_TYPES = `('acd.contact.suspected', 'acd.contact.reinstated', 'acd.contact.presumed_gone')`;

/** One line of the audit: what was suspected or decided, when, why, and by whom. */
export interface GhostRecord {
  readonly at: string;
  readonly what: 'suspected' | 'reinstated' | 'presumed_gone';
  readonly site: string;
  readonly contact: string;
  readonly queue: string | null;
  readonly leg: string | null;
  readonly reason: string | null;
  readonly lastHeardAt: string | null;
  readonly by: string;
}

/** Contacts that their source forgot: which are suspected, what was decided of which, and the word of people about them. */
export class Ghosts {
  constructor(
    private readonly store: Store,
    private readonly events: OwnEvents,
    private readonly frames: FrameCache,
    private readonly now: Clock,
  ) {}

  /** Suspected now, the longest unheard of 5 of each queue, and how many there are. */
  suspected(tenant: TenantId) {
    return this.frames
      .frames(tenant)
      .filter(({ suspected }) => suspected > 0)
      .map(({ site, queue, suspected, suspects }) => ({
        site,
        queue,
        suspected,
        longest: suspects.map(({ lastHeardAt, suspectedAt, ...suspect }) => ({
          ...suspect,
          lastHeardAt: new Date(lastHeardAt).toISOString(),
          suspectedAt: new Date(suspectedAt).toISOString(),
        })),
      }));
  }

  /** What was suspected and decided in a range, latest first. @throws ProblemException 503 */
  async audit(tenant: TenantId, { from, to, limit }: AuditRange): Promise<GhostRecord[]> {
    const rows = await readArchive(
      this.store,
      `SELECT toUnixTimestamp64Milli(at) AS ms, replaceOne(type, 'acd.contact.', '') AS what, site, subject AS contact,
  JSONExtractString(body, 'data', 'queue') AS queue, JSONExtractString(body, 'data', 'leg') AS leg,
  JSONExtractString(body, 'data', 'reason') AS reason, JSONExtractString(body, 'data', 'lastHeardAt') AS last_heard,
  JSONExtractString(body, 'data', 'by') AS said_by
FROM events FINAL
WHERE tenant = {tenant:String} AND type IN ${OWN_TYPES}
  AND at >= fromUnixTimestamp64Milli({from:Int64}) AND at < fromUnixTimestamp64Milli({to:Int64})
ORDER BY at DESC, version DESC LIMIT {limit:UInt32}`,
      { tenant, from, to, limit },
    );
    return rows.map((row) => ({
      at: new Date(Number(row['ms'])).toISOString(),
      what: row['what'] as GhostRecord['what'],
      site: row['site'] as string,
      contact: row['contact'] as string,
      queue: textOf(row, 'queue'),
      leg: textOf(row, 'leg'),
      reason: textOf(row, 'reason'),
      lastHeardAt: textOf(row, 'last_heard'),
      by: textOf(row, 'said_by') ?? 'queuecast',
    }));
  }

  /** Somebody knows that a suspected contact is real. */
  reinstate(actor: Actor, contact: string): Promise<CloudEvent> {
    return this.say(actor, contact, 'acd.contact.reinstated', { by: actor.by });
  }

  /** Somebody knows that a suspected contact is gone. */
  close(actor: Actor, contact: string): Promise<CloudEvent> {
    return this.say(actor, contact, 'acd.contact.presumed_gone', { reason: 'confirmed', by: actor.by });
  }

  /** @throws ProblemException 404 for a contact of which nothing was ever suspected, 503 if log or store is away */
  private async say({ tenant }: Actor, contact: string, type: EventType, data: object): Promise<CloudEvent> {
    const site = this.siteOnScreen(tenant, contact) ?? (await this.siteOnRecord(tenant, contact));
    if (site === null)
      throw new ProblemException(404, {
        detail: `contact: nobody suspects ${contact} to be gone; send what became of it as an event: POST /v1/events`,
      });
    const word: OwnWord = { tenant, site, type, subject: contact, data };
    const [event] = await this.events.append([word], this.now());
    return event!;
  }

  /** Where a contact is suspected that wallboards show: before anything of it is in the store. */
  private siteOnScreen(tenant: TenantId, contact: string): string | null {
    const frame = this.frames
      .frames(tenant)
      .find(({ suspects }) => suspects.some((suspect) => suspect.contact === contact));
    return frame?.site ?? null;
  }

  private async siteOnRecord(tenant: TenantId, contact: string): Promise<string | null> {
    const [known] = await readArchive(
      this.store,
      `SELECT site FROM events WHERE tenant = {tenant:String} AND subject = {contact:String} AND type IN ${OWN_TYPES}
ORDER BY at DESC LIMIT 1`,
      { tenant, contact },
    );
    return known ? (known['site'] as string) : null;
  }
}
