import type { ClickHouseClient } from '@clickhouse/client';
import type { ContactRow, SpellFact } from '@queuecast/contact-center';
import {
  EVENT_TYPES,
  isOwnType,
  type ContactId,
  type Instant,
  type QueueId,
  type SiteId,
  type TenantId,
} from '@queuecast/events';
import { ReportTooLargeError } from './errors.js';
import { instantLiteral, text, texts, whole } from './literals.js';
import type { ArchivedEvent, ArchiveRange, Knowledge, LastHeard, ShownPosition, SiteAsOf, SiteKey } from './port.js';
import { ofSite, PAGE_ROWS, rowsOf, siteEvents } from './recovery.js';
import { CONTACT_COLUMNS, contactOf, type ContactRecord } from './rows/contacts.js';
import { EVENT_COLUMNS, eventOf, type EventRecord } from './rows/events.js';
import { SHOWN_COLUMNS, shownOf, type ShownRecord } from './rows/shown.js';
import { SPELL_COLUMNS, spellOf, type SpellRecord } from './rows/spells.js';

const HOUR_MS = 3_600_000;
/** An open contact of which nothing was heard for so long is forgotten, live too. */
const OPEN_CONTACT_MS = 24 * HOUR_MS;
/** A sender's clock may be ahead of ours: events of up to this much later count as known. */
const CLOCKS_APART_MS = 24 * HOUR_MS;
/** Contacts of which more is known today, and events of them, at most: a site's whole day would be no page to wait for. */
const MAX_CHANGED = 50_000;
const MAX_EVENTS = 500_000;
const STATE_CHANGED = 'acd.agent.state_changed';
const SNAPSHOT = 'acd.source.snapshot';
const HEARTBEAT = 'acd.source.heartbeat';

/** What each site of a tenant showed at an instant. */
export const readShownAt = async (client: ClickHouseClient, tenant: TenantId, at: Instant): Promise<ShownPosition[]> =>
  (
    await rowsOf<ShownRecord>(
      client,
      `SELECT ${SHOWN_COLUMNS} FROM shown_positions
WHERE tenant = ${text(tenant)} AND (site, shown_at) IN (
  SELECT site, max(shown_at) FROM shown_positions
  WHERE tenant = ${text(tenant)} AND shown_at <= ${instantLiteral(at)} GROUP BY site)
ORDER BY site, precedence DESC
LIMIT 1 BY site`,
    )
  ).map(shownOf);

/** Where a tenant's archive begins and ends. */
export const readArchiveRange = async (client: ClickHouseClient, tenant: TenantId): Promise<ArchiveRange | null> => {
  const sites = await rowsOf<[string, string, string]>(
    client,
    `SELECT site, toUnixTimestamp64Milli(min(at)), toUnixTimestamp64Milli(max(at))
FROM events WHERE tenant = ${text(tenant)} GROUP BY site ORDER BY site`,
  );
  if (sites.length === 0) return null;
  return {
    from: Math.min(...sites.map(([, from]) => Number(from))) as Instant,
    to: Math.max(...sites.map(([, , to]) => Number(to))) as Instant,
    sites: sites.map(([site]) => site as SiteId),
  };
};

/** The bounds of what counts, as conditions in SQL. */
interface Known {
  /** Events of the archive, among all. */
  readonly events: string;
  /** The same, since the day before: what the index finds. */
  readonly recentEvents: string;
  /** Of a contact's current row, grouped: nothing more is known of it than counts. */
  readonly settled: string;
}

const knownOf = (site: SiteKey, knowledge: Knowledge, since: Instant): Known => {
  const until = knowledge.kind === 'then' ? knowledge.at + CLOCKS_APART_MS : knowledge.at;
  const events =
    knowledge.kind === 'then' ? `version <= ${whole(knowledge.version)}` : `at <= ${instantLiteral(knowledge.at)}`;
  return {
    events,
    recentEvents: `${ofSite(site)} AND at >= ${instantLiteral(since)} AND at <= ${instantLiteral(until)} AND ${events}`,
    settled:
      knowledge.kind === 'then'
        ? `max(version) <= ${whole(knowledge.figuresVersion)}`
        : `argMax(last_at, version) <= ${instantLiteral(knowledge.at)}`,
  };
};

/** Contacts that were known, and of which more is known today. */
const changedContacts = async (client: ClickHouseClient, site: SiteKey, known: Known): Promise<ContactId[]> => {
  const rows = await rowsOf<[string]>(
    client,
    `SELECT contact FROM contacts
WHERE ${ofSite(site)} AND contact IN (
  SELECT subject FROM events WHERE ${known.recentEvents} AND startsWith(type, 'acd.contact.'))
GROUP BY contact HAVING NOT (${known.settled})
ORDER BY contact LIMIT ${whole(MAX_CHANGED + 1)}`,
  );
  if (rows.length > MAX_CHANGED)
    throw new ReportTooLargeError(`more than ${MAX_CHANGED} contacts of ${site.site} were under way`);
  return rows.map(([contact]) => contact as ContactId);
};

/** Of contacts that snapshots name, in the bodies given. */
const contactsOfSnapshots = (snapshots: readonly ArchivedEvent[]): ContactId[] =>
  snapshots.flatMap(({ body }) => {
    const { data } = JSON.parse(body) as { data?: { waiting?: { contact: string }[] } };
    return (data?.waiting ?? []).map(({ contact }) => contact as ContactId);
  });

const openContacts = async (
  client: ClickHouseClient,
  site: SiteKey,
  knowledge: Knowledge,
  listed: readonly ContactId[],
): Promise<ContactRow[]> => {
  const remembered = `last_at >= ${instantLiteral(knowledge.at - OPEN_CONTACT_MS)} AND NOT closed`;
  const bounded =
    knowledge.kind === 'then'
      ? `version <= ${whole(knowledge.figuresVersion)}`
      : `last_at <= ${instantLiteral(knowledge.at)}`;
  const named = listed.length === 0 ? '' : ` OR contact IN ${texts(listed)}`;
  const candidates = `SELECT contact FROM contacts WHERE ${ofSite(site)} AND ${bounded} AND (${remembered}${named})`;
  const rows = await rowsOf<ContactRecord>(
    client,
    `SELECT ${CONTACT_COLUMNS} FROM contacts FINAL
WHERE ${ofSite(site)} AND contact IN (${candidates}) AND ${bounded} AND (${remembered}${named})
ORDER BY contact LIMIT ${whole(MAX_CHANGED)}`,
  );
  return rows.map(contactOf);
};

const lastSpellsBefore = async (client: ClickHouseClient, site: SiteKey, since: Instant): Promise<SpellFact[]> =>
  (
    await rowsOf<SpellRecord>(
      client,
      `SELECT ${SPELL_COLUMNS} FROM agent_spells FINAL
WHERE ${ofSite(site)} AND (agent, from_at) IN (
  SELECT agent, max(from_at) FROM agent_spells
  WHERE ${ofSite(site)} AND from_at < ${instantLiteral(since)} GROUP BY agent)
ORDER BY agent`,
    )
  ).map(spellOf);

/** Every page of the events that fulfil a condition, in log order. */
const eventsWhere = async (client: ClickHouseClient, condition: string): Promise<ArchivedEvent[]> => {
  const events: ArchivedEvent[] = [];
  for (;;) {
    const last = events.at(-1);
    // Events of one version differ in nothing: one record of the log is one event.
    const next = last ? ` AND version > ${whole(last.version)}` : '';
    const page = await rowsOf<EventRecord>(
      client,
      `SELECT ${EVENT_COLUMNS} FROM events WHERE ${condition}${next} ORDER BY version LIMIT ${whole(PAGE_ROWS)}`,
    );
    for (const record of page) events.push(eventOf(record));
    if (page.length < PAGE_ROWS) return events;
    if (events.length > MAX_EVENTS) throw new ReportTooLargeError(`more than ${MAX_EVENTS} events to fold`);
  }
};

/** All events of the contacts, also from before the stretch that is looked at. */
const eventsOfContacts = async (
  client: ClickHouseClient,
  site: SiteKey,
  known: Known,
  contacts: readonly ContactId[],
): Promise<ArchivedEvent[]> =>
  contacts.length === 0
    ? []
    : eventsWhere(client, `${ofSite(site)} AND ${known.events} AND subject IN ${texts(contacts)}`);

const lastStates = (client: ClickHouseClient, known: Known): Promise<ArchivedEvent[]> => {
  const states = `${known.recentEvents} AND type = ${text(STATE_CHANGED)}`;
  return eventsWhere(
    client,
    `${states} AND (subject, at) IN (SELECT subject, max(at) FROM events WHERE ${states} GROUP BY subject)`,
  );
};

const lastHeard = async (client: ClickHouseClient, knowledge: Knowledge, known: Known): Promise<LastHeard | null> => {
  const order = knowledge.kind === 'then' ? 'version' : 'at';
  const more = `type != ${text(HEARTBEAT)}`;
  const [row] = await rowsOf<[string | null, string | null, string | null, string | null]>(
    client,
    `SELECT argMaxOrNullIf(toUnixTimestamp64Milli(at), ${order}, ${more}),
  argMaxOrNullIf(toUnixTimestamp64Milli(appended_at), ${order}, ${more}),
  maxOrNull(toUnixTimestamp64Milli(appended_at)), maxOrNull(toUnixTimestamp64Milli(at))
FROM events WHERE ${known.recentEvents} AND type IN ${texts(EVENT_TYPES.filter((type) => !isOwnType(type)))}`,
  );
  const [at = null, arrived = null, sign = null, latest = null] = row ?? [];
  if (sign === null || latest === null) return null;
  // By today's knowledge nothing was ever on its way.
  const now = knowledge.kind === 'now';
  return {
    event:
      at === null || arrived === null
        ? null
        : { at: Number(at) as Instant, arrived: Number(now ? at : arrived) as Instant },
    sign: Number(now ? latest : sign) as Instant,
    latest: Number(latest) as Instant,
  };
};

const joinedQueues = async (
  client: ClickHouseClient,
  site: SiteKey,
  knowledge: Knowledge,
  since: Instant,
): Promise<QueueId[]> => {
  const known = knowledge.kind === 'then' ? ` AND version <= ${whole(knowledge.version)}` : '';
  return (
    await rowsOf<[string]>(
      client,
      `SELECT DISTINCT queue FROM contact_legs
WHERE ${ofSite(site)} AND anchor_hour >= toDateTime(${whole(Math.max(0, Math.floor(since / HOUR_MS)) * 3600)}, 'UTC')
  AND queued_at <= ${instantLiteral(knowledge.at)}${known}
ORDER BY queue`,
    )
  ).map(([queue]) => queue as QueueId);
};

/**
 * Reads a site as it is known by {@link Knowledge}.
 *
 * The facts hold what is known today. A contact whose row rests on nothing that came after (its version is not above the
 * position) is as it was known then, since every event that changed anything left its position there. Only for the others
 * are events needed, and these are few: contacts that were under way, and those corrected later.
 *
 * @throws ReportTooLargeError
 */
export const readSiteAsOf = async (
  client: ClickHouseClient,
  site: SiteKey,
  knowledge: Knowledge,
  since: Instant,
): Promise<SiteAsOf> => {
  const known = knownOf(site, knowledge, since);
  const changed = await changedContacts(client, site, known);
  const snapshots = await eventsWhere(client, `${known.recentEvents} AND type = ${text(SNAPSHOT)}`);
  const listed = contactsOfSnapshots(snapshots);
  const events = [
    ...(await eventsOfContacts(client, site, known, [...new Set([...changed, ...listed])])),
    ...(await lastStates(client, known)),
    ...snapshots,
  ];
  return {
    contacts: await openContacts(client, site, knowledge, listed),
    spells: await lastSpellsBefore(client, site, since),
    events: events.sort((one, other) => one.version - other.version),
    siteEvents: await siteEvents(client, site, since, known.events),
    heard: await lastHeard(client, knowledge, known),
    queues: await joinedQueues(client, site, knowledge, since),
  };
};
