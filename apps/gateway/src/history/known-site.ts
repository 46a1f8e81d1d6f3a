import { setImmediate as nextTurn } from 'node:timers/promises';
import { OFFSETS_PER_GENERATION, SiteFold, type LegFact } from '@queuecast/contact-center';
import { instant, parseEvent, type ContactId, type EnvelopeLimits, type QueueId } from '@queuecast/events';
import { QueueBoard, SourceWatch, type DayFigures, type FramedSite, type Patience } from '@queuecast/live';
import type { ArchivedEvent, Knowledge, SiteAsOf, SiteKey } from '@queuecast/store';

/** Longest stretch of folding before live frames and requests get their turn. */
const SLICE_MS = 5;
const EVENTS_PER_LOOK = 32;

/** A site of the past, as frames are built from it, and the legs that stand in place of what the facts say today. */
export interface KnownSite extends FramedSite<null> {
  readonly today: Map<QueueId, DayFigures>;
  readonly legs: readonly LegFact[];
}

/** What reading an archived event depends on, and judging its source. */
export interface KnownSiteSettings {
  readonly limits: EnvelopeLimits;
  readonly patience: Patience;
}

const restoredFold = (key: SiteKey, asOf: SiteAsOf, settings: KnownSiteSettings, board: QueueBoard): SiteFold => {
  const fold = new SiteFold(key.tenant, key.site);
  for (const archived of asOf.siteEvents) {
    const parsed = parseEvent(JSON.parse(archived.body), archived.appendedAt, settings.limits);
    if (parsed.kind !== 'event') continue;
    board.apply(parsed.event);
    fold.restoreSiteEvent(parsed.event, archived.version);
  }
  fold.restore({ contacts: asOf.contacts, spells: asOf.spells, latest: asOf.heard?.latest ?? null });
  return fold;
};

const foldOnTop = async (fold: SiteFold, events: readonly ArchivedEvent[], limits: EnvelopeLimits): Promise<void> => {
  let sliceStart = performance.now();
  for (const [n, { body, appendedAt, version }] of events.entries()) {
    const parsed = parseEvent(JSON.parse(body), appendedAt, limits);
    if (parsed.kind === 'event') fold.apply(parsed.event, version);
    if (n % EVENTS_PER_LOOK === 0 && performance.now() - sliceStart > SLICE_MS) {
      await nextTurn();
      sliceStart = performance.now();
    }
  }
};

/** Suspicions are announced in the log, so that what was shown of them can be told afterwards. */
const recallSuspicions = (fold: SiteFold, siteEvents: readonly ArchivedEvent[], limits: EnvelopeLimits): void => {
  for (const { body, appendedAt } of siteEvents) {
    const parsed = parseEvent(JSON.parse(body), appendedAt, limits);
    if (parsed.kind !== 'event' || parsed.event.type !== 'acd.contact.suspected') continue;
    const { at, subject, data } = parsed.event;
    const { queue, leg, reason } = data;
    fold.suspicions.recall({
      queue,
      contact: subject as ContactId,
      leg,
      reason,
      lastHeardAt: instant(Date.parse(data.lastHeardAt)),
      suspectedAt: at,
    });
  }
};

/** The legs of contacts that were under way, as of the position that the figures of the day stood at. */
const legsOf = async (
  key: SiteKey,
  knowledge: Knowledge,
  asOf: SiteAsOf,
  settings: KnownSiteSettings,
): Promise<readonly LegFact[]> => {
  const until = knowledge.kind === 'then' ? knowledge.figuresVersion : Infinity;
  const fold = restoredFold(
    key,
    { ...asOf, siteEvents: asOf.siteEvents.filter(({ version }) => version <= until) },
    settings,
    new QueueBoard(),
  );
  await foldOnTop(
    fold,
    asOf.events.filter(({ version }) => version <= until),
    settings.limits,
  );
  // Nothing more is to be read back: these are all the events there are of them.
  fold.verify(fold.unverified(), []);
  return fold.drain().legs;
};

/** Folds what the store says of a site as of an instant. Its estimates are null: they were of their moment. */
export const knownSite = async (
  key: SiteKey,
  knowledge: Knowledge,
  asOf: SiteAsOf,
  settings: KnownSiteSettings,
): Promise<KnownSite> => {
  const board = new QueueBoard();
  const source = new SourceWatch(settings.patience);
  if (asOf.heard) source.remember(asOf.heard.event, asOf.heard.sign);
  const fold = restoredFold(key, asOf, settings, board);
  await foldOnTop(fold, asOf.events, settings.limits);
  recallSuspicions(fold, asOf.siteEvents, settings.limits);
  return {
    key,
    fold,
    board,
    source,
    estimates: { estimate: () => null, remaining: () => ({ oldest: [], line: null }) },
    today: new Map(),
    offset:
      knowledge.kind === 'then'
        ? knowledge.version % OFFSETS_PER_GENERATION
        : (asOf.events.at(-1)?.version ?? 0) % OFFSETS_PER_GENERATION,
    legs: await legsOf(key, knowledge, asOf, settings),
  };
};
