import type { ClickHouseClient } from '@clickhouse/client';
import type { FactFlush, TouchedInterval } from './port.js';
import { writePublished } from './published.js';
import { recomputeIntervals } from './recompute.js';
import { CALLBACKS } from './rows/callbacks.js';
import { CONTACTS } from './rows/contacts.js';
import { EVENTS } from './rows/events.js';
import { FORECASTS } from './rows/forecasts.js';
import { LEGS } from './rows/legs.js';
import { SHOWN } from './rows/shown.js';
import { SPELLS } from './rows/spells.js';
import { insert } from './rows/table.js';
import { WATERMARKS } from './rows/watermarks.js';
import { writeStrayLegs } from './stray-legs.js';

const siteVersions = (flush: FactFlush): Map<string, number> => {
  const versions = new Map<string, number>();
  for (const facts of [flush.contacts, flush.legs, flush.spells, flush.callbacks, flush.events])
    for (const { tenant, site, version } of facts) {
      const key = `${tenant}/${site}`;
      versions.set(key, Math.max(versions.get(key) ?? 0, version));
    }
  return versions;
};

/** What the flush says it touched, and in any case the arrival of every leg in it. */
const touchedBy = function* (flush: FactFlush): Generator<TouchedInterval> {
  yield* flush.touched;
  for (const { tenant, site, queue, queuedAt } of flush.legs) yield { tenant, site, queue, at: queuedAt };
};

/**
 * Writes one flush. The order is the promise: contacts, from which the fold tells a duplicate from news, come after all
 * that follows from them. A flush cut short anywhere before leaves them as they were, so the replayed events are news
 * again and touch the same intervals again; were they first, a crash could leave an interval stale for good.
 *
 * What is published and what was told go before the contacts, too: they are derived from what these were.
 *
 * Watermarks come last of all. Beside one that is ahead of the facts, replayed events would look late and be counted as
 * corrections; where it is behind, they are as late as they were. What was shown comes after the events it was made of.
 */
export const writeFlush = async (client: ClickHouseClient, flush: FactFlush): Promise<void> => {
  await writeStrayLegs(client, flush.legs);
  await insert(client, LEGS, flush.legs);
  await insert(client, FORECASTS, flush.forecasts);
  await insert(client, EVENTS, flush.events);
  await writePublished(client, flush.published);
  await recomputeIntervals(client, touchedBy(flush), siteVersions(flush));
  await insert(client, CONTACTS, flush.contacts);
  await insert(client, SPELLS, flush.spells);
  await insert(client, CALLBACKS, flush.callbacks);
  await insert(client, WATERMARKS, flush.watermarks);
  await insert(client, SHOWN, flush.shown);
};
