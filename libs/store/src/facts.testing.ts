import type { ContactRow, LegFact, LegOutcome, SpellFact } from '@queuecast/contact-center';
import type { AgentId, ContactId, Instant, LegId, Milliseconds, QueueId, SiteId, TenantId } from '@queuecast/events';
import fc from 'fast-check';
import type { ArchivedEvent, FactFlush, SiteKey } from './port.js';

export const isoDate = (daysFromNow: number): string =>
  new Date(Date.now() + daysFromNow * 86_400_000).toISOString().slice(0, 10);

/** Dates around the engine's own clock, by which it drops minutes that are 8 days old. */
export const YESTERDAY = isoDate(-1);
export const TODAY = isoDate(0);
export const TOMORROW = isoDate(1);

/** Facts for tests: plain values in, complete rows out. */
export const siteKey = (tenant: string, site = 'main'): SiteKey => ({
  tenant: tenant as TenantId,
  site: site as SiteId,
});
export const at = (iso: string): Instant => Date.parse(iso) as Instant;
export const ms = (value: number): Milliseconds => value as Milliseconds;
export const queue = (id: string): QueueId => id as QueueId;

export const leg = (key: SiteKey, overrides: Partial<Record<keyof LegFact, unknown>> = {}): LegFact => ({
  ...key,
  queue: queue('support'),
  contact: 'contact-1' as ContactId,
  leg: 'leg-1' as LegId,
  anchor: at(`${YESTERDAY}T10:07:30Z`),
  channel: 'voice',
  direction: 'inbound',
  callerKey: null,
  priority: 0,
  internal: false,
  startedAt: null,
  menuCompletedAt: null,
  queuedAt: at(`${YESTERDAY}T10:07:30Z`),
  firstOfferedAt: null,
  answeredAt: null,
  leftQueueAt: null,
  endedAt: null,
  wrappedUpAt: null,
  outcome: 'waiting',
  agent: null,
  waitMs: null,
  decidedAfterMs: null,
  ringMs: null,
  talkMs: null,
  holdMs: null,
  wrapMs: null,
  offers: 0,
  declines: 0,
  offerTimes: [],
  declineTimes: [],
  holds: [],
  transferredFromQueue: null,
  transferredToQueue: null,
  transferredToAgent: null,
  endedBy: null,
  disposition: null,
  resolved: null,
  corrections: 0,
  version: 1,
  ...(overrides as Partial<LegFact>),
});

/** A leg answered after `waitMs` and talked for `talkMs`. */
export const answered = (
  key: SiteKey,
  queuedAt: Instant,
  waitMs: number,
  more: Partial<Record<keyof LegFact, unknown>> = {},
): LegFact =>
  leg(key, {
    anchor: queuedAt,
    queuedAt,
    answeredAt: queuedAt + waitMs,
    leftQueueAt: queuedAt + waitMs,
    endedAt: queuedAt + waitMs + 60_000,
    outcome: 'answered',
    agent: 'agent-1',
    waitMs,
    ringMs: 3000,
    talkMs: 55_000,
    holdMs: 5000,
    wrapMs: 7000,
    offers: 1,
    ...more,
  });

export const contact = (
  key: SiteKey,
  id: string,
  overrides: Partial<Record<keyof ContactRow, unknown>> = {},
): ContactRow => ({
  ...key,
  contact: id as ContactId,
  lastAt: at(`${YESTERDAY}T10:07:30Z`),
  closed: false,
  marks: '{}',
  version: 1,
  ...(overrides as Partial<ContactRow>),
});

export const spell = (
  key: SiteKey,
  agent: string,
  from: Instant,
  overrides: Partial<Record<keyof SpellFact, unknown>> = {},
): SpellFact => ({
  ...key,
  agent: agent as AgentId,
  from,
  to: null,
  state: 'available',
  reason: null,
  queues: [queue('support')],
  source: 'acd',
  version: 1,
  ...(overrides as Partial<SpellFact>),
});

export const archived = (
  key: SiteKey,
  id: string,
  type: string,
  overrides: Partial<ArchivedEvent> = {},
): ArchivedEvent => ({
  ...key,
  id,
  source: 'acd',
  type,
  subject: '',
  at: at(`${YESTERDAY}T10:00:00Z`),
  appendedAt: at(`${YESTERDAY}T10:00:01Z`),
  body: '{}',
  version: 1,
  ...overrides,
});

export const flushOf = (parts: Partial<FactFlush>): FactFlush => ({
  contacts: [],
  legs: [],
  forecasts: [],
  spells: [],
  callbacks: [],
  events: [],
  touched: [],
  watermarks: [],
  published: [],
  shown: [],
  ...parts,
});

const OUTCOMES: readonly LegOutcome[] = [
  'waiting',
  'answered',
  'flowed_out',
  'abandoned',
  'overflowed',
  'timed_out',
  'callback_taken',
  'closed',
  'dropped_by_system',
  'no_show',
  'blocked',
];

const FIRST = Date.parse(`${YESTERDAY}T22:50:00Z`);

/** Waits that lie on, just below and just above whole seconds, and any others. */
const waits = fc.oneof(
  fc
    .tuple(fc.integer({ min: 0, max: 12 }), fc.constantFrom(-1, 0, 1))
    .map(([seconds, off]) => Math.max(0, seconds * 1000 + off)),
  fc.integer({ min: 0, max: 400_000 }),
);

/** One state of a leg: of few contacts, so that later states replace earlier ones, around midnight, on odd anchors. */
export const legStates = (key: SiteKey): fc.Arbitrary<Omit<LegFact, 'version'>> =>
  fc
    .record({
      contact: fc.integer({ min: 1, max: 12 }),
      minute: fc.integer({ min: 0, max: 150 }),
      second: fc.constantFrom(0, 1, 30_000, 59_999),
      channel: fc.constantFrom('voice', 'chat', null),
      outcome: fc.constantFrom(...OUTCOMES),
      wait: waits,
      internal: fc.boolean(),
      ended: fc.boolean(),
      talk: fc.integer({ min: 0, max: 600_000 }),
      declines: fc.integer({ min: 0, max: 3 }),
      transferred: fc.boolean(),
      came: fc.constantFrom(null, 'queue-9'),
      before: fc.option(fc.integer({ min: 0, max: 200_000 }), { nil: null }),
    })
    .map((drawn) => {
      const {
        contact: id,
        minute,
        second,
        channel,
        outcome,
        wait,
        internal,
        ended,
        talk,
        declines,
        transferred,
      } = drawn;
      const queuedAt = (FIRST + minute * 60_000 + second) as Instant;
      const over = outcome === 'answered' && ended;
      const leftAt = outcome === 'waiting' ? null : queuedAt + wait;
      // One hold of a second in the middle of the conversation.
      const heldAt = queuedAt + wait + Math.floor(talk / 2);
      const endedAt = over ? queuedAt + wait + talk + 1000 : null;
      const { version: _version, ...state } = leg(key, {
        // The anchor is fixed per leg, and in some legs hours or weeks off.
        anchor: FIRST + [0, 0, 0, 5_400_000, -90_000_000, 2_600_000_000][id % 6]!,
        queue: `queue-${id % 2}`,
        contact: `contact-${id}`,
        channel,
        queuedAt,
        outcome,
        internal: internal && id % 5 === 0,
        answeredAt: outcome === 'answered' ? queuedAt + wait : null,
        leftQueueAt: leftAt,
        endedAt: outcome === 'answered' ? endedAt : leftAt,
        wrappedUpAt: endedAt === null ? null : endedAt + 2000,
        waitMs: outcome === 'waiting' ? null : wait,
        talkMs: over ? talk : null,
        holdMs: over ? 1000 : null,
        wrapMs: over ? 2000 : null,
        decidedAfterMs: outcome === 'waiting' || drawn.before === null ? null : wait + drawn.before,
        ringMs: outcome === 'answered' ? 500 : null,
        offers: declines + 1,
        declines,
        offerTimes: Array.from({ length: declines + 1 }, (_, n) => queuedAt + Math.floor((wait * n) / 4)),
        declineTimes: Array.from({ length: declines }, (_, n) => queuedAt + Math.floor((wait * n) / 4) + 1),
        holds: over ? [{ from: heldAt, to: heldAt + 1000 }] : [],
        transferredFromQueue: drawn.came,
        transferredToQueue: transferred ? 'elsewhere' : null,
      });
      return state;
    });
