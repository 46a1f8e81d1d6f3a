import type { ClickHouseClient } from '@clickhouse/client';
import type { ContactRow, SpellFact } from '@queuecast/contact-center';
import type { AgentId, ContactId, Instant, TenantId } from '@queuecast/events';
import { recoverCallbacks } from './callbacks.js';
import { instantLiteral, text, texts, whole } from './literals.js';
import type { ArchivedEvent, SiteKey, SiteRecovery } from './port.js';
import { CONTACT_COLUMNS, contactOf, type ContactRecord } from './rows/contacts.js';
import { EVENT_COLUMNS, eventOf, type EventRecord } from './rows/events.js';
import { SPELL_COLUMNS, spellOf, type SpellRecord } from './rows/spells.js';

/** Rows per page: the client decodes a result in one go, and the event loop waits for it. */
export const PAGE_ROWS = 10_000;

export const rowsOf = async <Row>(client: ClickHouseClient, query: string): Promise<Row[]> =>
  (await client.query({ query, format: 'JSONCompactEachRow' })).json<Row>();

const numberOf = (quoted: string | null | undefined): number | null => (quoted == null ? null : Number(quoted));

export const ofSite = ({ tenant, site }: SiteKey): string => `tenant = ${text(tenant)} AND site = ${text(site)}`;

const latestOf = async (
  client: ClickHouseClient,
  site: SiteKey,
): Promise<{ latest: Instant | null; version: number | null }> => {
  const [row] = await rowsOf<[string | null, string | null]>(
    client,
    `SELECT max(latest), max(latest_version) FROM (
  SELECT maxOrNull(toUnixTimestamp64Milli(last_at)) AS latest, maxOrNull(version) AS latest_version FROM contacts WHERE ${ofSite(site)}
  UNION ALL
  SELECT maxOrNull(toUnixTimestamp64Milli(from_at)) AS latest, maxOrNull(version) AS latest_version FROM agent_spells WHERE ${ofSite(site)}
)`,
  );
  return { latest: numberOf(row?.[0]) as Instant | null, version: numberOf(row?.[1]) };
};

const shownUntilOf = async (client: ClickHouseClient, site: SiteKey): Promise<Instant | null> => {
  const [row] = await rowsOf<[string | null]>(
    client,
    `SELECT maxOrNull(toUnixTimestamp64Milli(shown_at)) FROM shown_positions WHERE ${ofSite(site)}`,
  );
  return numberOf(row?.[0]) as Instant | null;
};

const watermarkOf = async (
  client: ClickHouseClient,
  site: SiteKey,
): Promise<Pick<SiteRecovery, 'settled' | 'published'>> => {
  const [row] = await rowsOf<[string, string | null, string | null]>(
    client,
    `SELECT toUnixTimestamp64Milli(latest), toUnixTimestamp64Milli(published_from), toUnixTimestamp64Milli(published_to)
FROM site_watermarks WHERE ${ofSite(site)} ORDER BY version DESC LIMIT 1`,
  );
  if (!row) return { settled: null, published: null };
  const [settled, from, to] = row;
  return {
    settled: Number(settled) as Instant,
    published: from === null || to === null ? null : { from: Number(from) as Instant, to: Number(to) as Instant },
  };
};

const recentContacts = async (client: ClickHouseClient, site: SiteKey, since: number): Promise<ContactRow[]> => {
  const contacts: ContactRow[] = [];
  const recent = `(NOT closed OR last_at >= ${instantLiteral(since)})`;
  for (;;) {
    const last = contacts.at(-1);
    const next = last ? ` AND contact > ${text(last.contact)}` : '';
    // The inner SELECT takes candidates of any version, without merging; the outer merges these few only.
    const page = await rowsOf<ContactRecord>(
      client,
      `SELECT ${CONTACT_COLUMNS} FROM contacts FINAL
WHERE ${ofSite(site)}${next} AND ${recent}
  AND contact IN (SELECT contact FROM contacts WHERE ${ofSite(site)}${next} AND ${recent})
ORDER BY contact LIMIT ${whole(PAGE_ROWS)}`,
    );
    contacts.push(...page.map(contactOf));
    if (page.length < PAGE_ROWS) return contacts;
  }
};

const recentSpells = async (client: ClickHouseClient, site: SiteKey, since: number): Promise<SpellFact[]> => {
  const spells: SpellFact[] = [];
  for (;;) {
    const last = spells.at(-1);
    const next = last ? `WHERE (agent, from_ms) > (${text(last.agent)}, toInt64(${whole(last.from)}))` : '';
    const page = await rowsOf<SpellRecord>(
      client,
      `SELECT tenant, site, agent, from_ms, to_ms, state, reason, queues, source, version FROM (
  SELECT ${SPELL_COLUMNS}
  FROM agent_spells FINAL WHERE ${ofSite(site)}
    AND (from_at >= ${instantLiteral(since)} OR (agent, from_at) IN (
      SELECT agent, max(from_at) FROM agent_spells WHERE ${ofSite(site)} AND from_at < ${instantLiteral(since)} GROUP BY agent))
)
${next}
ORDER BY agent, from_ms LIMIT ${whole(PAGE_ROWS)}`,
    );
    spells.push(...page.map(spellOf));
    if (page.length < PAGE_ROWS) return spells;
  }
};

const HOUR_MS = 3_600_000;
const NOTICES = ['acd.queue.notice_posted', 'acd.queue.notice_cleared'];
const OPENINGS = ['acd.queue.opened', 'acd.queue.closed'];
/** What sources say of themselves, from which it follows whom they have forgotten. */
const BREAKS = ['acd.source.restarted', 'acd.source.snapshot'];
/** How long before the latest event a contact may have been suspected that is still open. */
const SUSPICIONS_MS = 48 * HOUR_MS;

const WATCHES = ['acd.queue.watch_set', 'acd.queue.watch_attempted'];
const WATCHES_OVER = ['acd.queue.watch_cleared', 'acd.queue.watch_delivered'];
/** A watch lasts seven days at most; the rest is for clocks that differ and for telling its receiver. */
const WATCH_MS = 8 * 24 * HOUR_MS;

/** Query for what is known of the watches that are neither cleared nor delivered; their subject is their id. */
const watchesQuery = (of: string, since: number): string => {
  const recent = `${of} AND at >= ${instantLiteral(since - WATCH_MS)}`;
  return `SELECT * FROM events FINAL WHERE ${recent} AND type IN ${texts(WATCHES)}
    AND subject NOT IN (SELECT subject FROM events WHERE ${recent} AND type IN ${texts(WATCHES_OVER)})`;
};

/** What is known of a tenant's watches that are neither cleared nor delivered, of all sites, oldest first. */
export const readWatches = async (client: ClickHouseClient, tenant: TenantId, now: number): Promise<ArchivedEvent[]> =>
  (
    await rowsOf<EventRecord>(
      client,
      `SELECT ${EVENT_COLUMNS} FROM (${watchesQuery(`tenant = ${text(tenant)}`, now)}) ORDER BY at_ms, version`,
    )
  ).map(eventOf);

/**
 * The watches not over, the last opening or closing of each queue, the notices still posted, the recent restarts and snapshots of each
 * source and the last before them, recent suspicions.
 *
 * @param known condition on events, in SQL: those that count
 */
export const siteEvents = async (
  client: ClickHouseClient,
  site: SiteKey,
  since: number,
  known = '1',
): Promise<ArchivedEvent[]> => {
  const ofKnown = `${ofSite(site)} AND ${known}`;
  const queue = `JSONExtractString(body, 'data', 'queue')`;
  const notice = `JSONExtractString(body, 'data', 'notice')`;
  const latestOf = (types: readonly string[], per: string, among = '1'): string =>
    `SELECT * FROM events FINAL WHERE ${ofKnown} AND ${among} AND type IN ${texts(types)} ORDER BY at DESC, version DESC LIMIT 1 BY ${per}`;
  const records = await rowsOf<EventRecord>(
    client,
    `SELECT ${EVENT_COLUMNS} FROM (
  SELECT * FROM (${latestOf(OPENINGS, queue)})
  UNION ALL
  SELECT * FROM (${latestOf(NOTICES, `${queue}, ${notice}`)}) WHERE type = 'acd.queue.notice_posted'
  UNION ALL
  SELECT * FROM (${latestOf(BREAKS, 'source, type', `at < ${instantLiteral(since)}`)})
  UNION ALL
  SELECT * FROM events FINAL WHERE ${ofKnown} AND type IN ${texts(BREAKS)} AND at >= ${instantLiteral(since)}
  UNION ALL
  SELECT * FROM events FINAL WHERE ${ofKnown} AND type = 'acd.contact.suspected'
    AND at >= ${instantLiteral(since - SUSPICIONS_MS)}
  UNION ALL
  ${watchesQuery(ofKnown, since)}
)
ORDER BY at_ms, version`,
  );
  return records.map(eventOf);
};

/** Reads what a site's processor needs to go on; see the port for what that is. */
export const recoverSite = async (
  client: ClickHouseClient,
  site: SiteKey,
  graceMs: number,
  now: number,
): Promise<SiteRecovery> => {
  // Before the facts: another processor may still be writing, and the facts must hold what the watermark says.
  const watermark = await watermarkOf(client, site);
  const { latest, version } = await latestOf(client, site);
  const since = Math.trunc((latest ?? 0) - graceMs);
  return {
    contacts: await recentContacts(client, site, since),
    spells: await recentSpells(client, site, since),
    callbacks: await recoverCallbacks(client, site, now),
    latest,
    ...watermark,
    version,
    shownUntil: await shownUntilOf(client, site),
    siteEvents: await siteEvents(client, site, since),
  };
};

/** Every site with facts or events. */
export const readSites = async (client: ClickHouseClient): Promise<SiteKey[]> =>
  (
    await rowsOf<[string, string]>(
      client,
      `SELECT tenant, site FROM (
  SELECT DISTINCT tenant, site FROM contacts
  UNION ALL SELECT DISTINCT tenant, site FROM agent_spells
  UNION ALL SELECT DISTINCT tenant, site FROM events
)
GROUP BY tenant, site ORDER BY tenant, site`,
    )
  ).map(([tenant, site]) => ({ tenant, site }) as SiteKey);

/** Contacts by key; those unknown are left out. */
export const readContacts = async (
  client: ClickHouseClient,
  site: SiteKey,
  contacts: readonly ContactId[],
): Promise<ContactRow[]> => {
  const found: ContactRow[] = [];
  for (let start = 0; start < contacts.length; start += PAGE_ROWS) {
    const keys = contacts.slice(start, start + PAGE_ROWS);
    const page = await rowsOf<ContactRecord>(
      client,
      `SELECT ${CONTACT_COLUMNS} FROM contacts WHERE ${ofSite(site)} AND contact IN ${texts(keys)}
ORDER BY version DESC LIMIT 1 BY contact`,
    );
    found.push(...page.map(contactOf));
  }
  return found;
};

/** An agent's spells from the one running at `from` on, oldest first. */
export const readSpells = async (
  client: ClickHouseClient,
  site: SiteKey,
  agent: AgentId,
  from: Instant,
): Promise<SpellFact[]> => {
  const ofAgent = `${ofSite(site)} AND agent = ${text(agent)}`;
  const at = instantLiteral(from);
  const spells: SpellFact[] = [];
  for (;;) {
    const last = spells.at(-1);
    const start = last
      ? `from_at > ${instantLiteral(last.from)}`
      : `from_at >= ifNull((SELECT maxOrNull(from_at) FROM agent_spells WHERE ${ofAgent} AND from_at <= ${at}), ${at})`;
    const page = await rowsOf<SpellRecord>(
      client,
      `SELECT ${SPELL_COLUMNS} FROM agent_spells FINAL WHERE ${ofAgent} AND ${start} ORDER BY from_at LIMIT ${whole(PAGE_ROWS)}`,
    );
    spells.push(...page.map(spellOf));
    if (page.length < PAGE_ROWS) return spells;
  }
};
