import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProcessorMetrics } from '../../apps/processor/src/metrics.js';
import { SiteRuntime } from '../../apps/processor/src/site-runtime.js';
import { centreOf, FaultyDelivery, NO_FAULTS, Random, Simulation } from '../../apps/simulator/src/index.js';
import { MOST_OVERTAKERS, versionOf } from '@queuecast/contact-center';
import {
  instant,
  OWN_SOURCES,
  parseEvent,
  queueId,
  siteId,
  tenantId,
  type AcdEvent,
  type CloudEvent,
} from '@queuecast/events';
import { Metrics } from '@queuecast/http';
import { Catalog } from '@queuecast/settings';
import { flushOf } from '../../libs/store/src/facts.testing.js';
import { openStore, type ArchivedEvent, type FactFlush, type SiteKey, type Store } from '@queuecast/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settingsFrom } from '../support/processing.js';

const HOUR = 3_600_000;
const START = Date.parse('2026-03-02T08:40:00Z');
const END = START + 25 * 60_000;
const TENANT = tenantId('acme');
const GRACE_MS = HOUR / 2;
const FLUSHED_EVENTS = 800;
const KILLS = 5;

const period = { start: START, end: END, timeZone: 'UTC' };
const settings = settingsFrom({
  tenants: [
    {
      id: TENANT,
      timeZone: 'UTC',
      queues: ['sales', ...centreOf('normal-day', period).queues.map(({ id }) => id)].map((id) => ({
        id,
        businessDayStart: '09:00',
      })),
    },
  ],
});

/** A morning with ghosts, repetitions, disorder and late events, in the order in which it stands in the log. */
const morning = (site: string): AcdEvent[] => {
  const simulation = new Simulation({
    scenario: 'normal-day',
    model: centreOf('normal-day', period),
    seed: 'ghosts',
    start: START,
    end: END,
    tenant: TENANT,
    site,
    ghostShare: 0.1,
    books: false,
  });
  const faults = { ...NO_FAULTS, duplicates: 0.05, disorder: 0.05, late: 0.02 };
  return [...new FaultyDelivery(faults, new Random('delivery')).deliver(simulation)].map(({ event }) => {
    return parsed(event);
  });
};

const parsed = (event: CloudEvent): AcdEvent => {
  const read = parseEvent(event, instant(END + HOUR));
  if (read.kind !== 'event') throw new Error(JSON.stringify(read));
  return read.event;
};

let serial = 0;
/** @param time of the day, as in `09:01:30` */
const told = (site: string, type: string, subject: string, time: string, data: object, source = 'pbx'): AcdEvent =>
  parsed({
    specversion: '1.0',
    id: `told-${(serial += 1)}`,
    source,
    type,
    time: `2026-03-02T${time}Z`,
    subject,
    tenant: TENANT,
    site,
    data,
  });

/** Two conversations and a wait that are never ended, of which one can be told from the events before the day ends. */
const threeLost = (site: string): { readonly before: AcdEvent[]; readonly around: AcdEvent[] } => {
  const contact = (type: string, id: string, time: string, data: object): AcdEvent =>
    told(site, `acd.contact.${type}`, id, time, data);
  const joins = (id: string, time: string): AcdEvent[] => [
    contact('started', id, time, { channel: 'voice' }),
    contact('queued', id, time, { queue: 'sales', leg: id }),
  ];
  const answered = (id: string, time: string, agent: string): AcdEvent =>
    contact('answered', id, time, { leg: id, agent });
  const served = (id: string, time: string, agent: string): AcdEvent[] => [
    ...joins(id, time),
    answered(id, time, agent),
    contact('ended', id, time, { by: 'customer' }),
  ];
  const does = (agent: string, time: string, state: string): AcdEvent =>
    told(site, 'acd.agent.state_changed', agent, time, { state, queues: ['sales'] });
  return {
    before: [
      ...joins('lost-with-ann', '07:00:00'),
      answered('lost-with-ann', '07:00:05', 'ann'),
      ...joins('lost-with-bob', '07:00:00'),
      answered('lost-with-bob', '07:00:05', 'bob'),
      ...joins('lost-waiting', '07:00:10'),
      ...served('next-of-ann', '07:10:00', 'ann'),
      // With that one nine have overtaken who waits; the tenth comes after the day was judged.
      ...Array.from({ length: 8 }, (_, n) => served(`later-${n}`, '08:00:00', `agent-${n}`)).flat(),
    ],
    around: [
      does('ann', '08:50:00', 'busy'),
      told(site, 'acd.source.heartbeat', 'pbx', '09:01:00', {}),
      ...served('the-tenth', '09:01:30', 'agent-8'),
      does('bob', '09:02:00', 'available'),
    ],
  };
};

/** The tables that a flush which is cut short has come to. */
const CUTS: readonly (readonly (keyof FactFlush)[])[] = [
  [],
  ['legs'],
  ['legs', 'contacts'],
  ['legs', 'contacts', 'spells'],
  ['legs', 'contacts', 'spells', 'watermarks'],
];

/** One site on the real store, in lives that end at any event. */
class Installation {
  readonly decided = new Map<string, string>();
  /** The event at which the first of the contacts are given up. */
  decidedAt = -1;
  private readonly key: SiteKey;
  private committed = 0;

  constructor(
    private readonly store: Store,
    site: string,
    private readonly events: readonly AcdEvent[] = morning(site),
    private readonly flushedEvents = FLUSHED_EVENTS,
  ) {
    this.key = { tenant: TENANT, site: siteId(site) };
  }

  get length(): number {
    return this.events.length;
  }

  /**
   * Goes on from what is committed, and ends at an event.
   *
   * @param cut what the last flush has written by then, of what it should have
   */
  async live(until: number, cut: readonly (keyof FactFlush)[]): Promise<void> {
    const runtime = await this.start();
    let offset = this.committed;
    while (offset < until) {
      const flushed = Math.min(until, this.committed + this.flushedEvents);
      for (; offset < flushed; offset += 1) {
        const before = this.decided.size;
        runtime.apply(this.events[offset] as AcdEvent, versionOf(0, offset), offset, instant(END));
        if (this.decidedAt < 0 && this.decided.size > before) this.decidedAt = offset;
      }
      const flush = await this.drain(runtime, offset);
      if (offset === until && until < this.length) {
        await this.store.write(flushOf(Object.fromEntries(cut.map((table) => [table, flush[table]]))));
        return;
      }
      await this.store.write(flush);
      this.committed = offset;
      runtime.fold.evict();
    }
  }

  async outcomes(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return this.store.report(
      `SELECT contact, leg, outcome, ended_by, left_queue_at FROM contact_legs FINAL WHERE site = {site:String} ORDER BY contact, leg`,
      { site: this.key.site },
    );
  }

  private async start(): Promise<SiteRuntime> {
    const { store, key } = this;
    const patience = { quietMs: HOUR, silentMs: HOUR };
    const catalog = new Catalog(settings);
    const runtime = new SiteRuntime(key, 0, patience, {
      settingsOf: (queue) => catalog.queue(TENANT, queueId(queue), key.site),
      announce: (event) => this.note(event),
      metrics: new ProcessorMetrics(new Metrics({ processMetrics: false })),
      now: () => END,
    });
    const recovery = await store.recoverSite(key, GRACE_MS);
    const evidence = await store.suspicionEvidence(key, MOST_OVERTAKERS);
    runtime.restore(recovery, evidence, null);
    return runtime;
  }

  private note({ id, type, data }: CloudEvent): void {
    if (type === 'acd.contact.presumed_gone') this.decided.set(id, JSON.stringify(data));
  }

  /** What was suspected, as the archive has it, of the events up to `until` that are not committed. */
  private suspected(until: number): ArchivedEvent[] {
    return this.events.slice(this.committed, until).flatMap((event, n) => {
      const { id, source, type, subject, at, data } = event;
      if (type !== 'acd.contact.suspected' || subject === undefined) return [];
      const time = new Date(at).toISOString();
      const body = JSON.stringify({ specversion: '1.0', id, source, type, time, subject, ...this.key, data });
      const version = versionOf(0, this.committed + n);
      return [{ ...this.key, id, source, type, subject, at, appendedAt: instant(END), body, version }];
    });
  }

  private async drain({ fold }: SiteRuntime, until: number): Promise<FactFlush> {
    const { store, key } = this;
    const contacts = fold.unverified();
    fold.verify(contacts, await store.readContacts(key, contacts));
    for (const { agent, from } of fold.unverifiedAgents())
      fold.verifyAgent(agent, from, await store.readSpells(key, agent, from));
    const { watermark, published, ...facts } = fold.drain();
    return flushOf({
      ...facts,
      touched: [],
      watermarks: watermark ? [{ ...key, ...watermark }] : [],
      published: [{ ...key, ...published }],
      events: this.suspected(until),
    });
  }
}

describe('which contacts are given up at the end of a business day', () => {
  let directory: string;
  let store: Store;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'queuecast-ghosts-'));
    store = await openStore({ kind: 'embedded', directory, now: () => END });
    await store.migrate();
  });
  afterAll(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('is told by what the log had said by then: facts give it back, and do not add what came after', async () => {
    for (const [n, cut] of [null, ...CUTS].entries()) {
      const site = `three-${n}`;
      const { before, around } = threeLost(site);
      const later = told(site, 'acd.source.heartbeat', 'pbx', '09:03:00', {});
      const installation = new Installation(store, site, [...before, ...around, later], before.length);
      // The processor dies when the facts hold all around the end of the day, and the log is committed up to before it.
      if (cut) await installation.live(before.length + around.length, cut);
      await installation.live(installation.length, []);
      const lost = (await installation.outcomes()).filter(({ contact }) => String(contact).startsWith('lost'));
      expect(lost.map(({ contact, ended_by }) => [cut, contact, ended_by])).toEqual([
        [cut, 'lost-waiting', ''],
        [cut, 'lost-with-ann', 'unknown'],
        [cut, 'lost-with-bob', ''],
      ]);
    }
  });

  it(
    'is told by what the log had announced by then, too, also where only the archive has it',
    { timeout: 300_000 },
    async () => {
      const lastHeardAt = '2026-03-02T07:00:10.000Z';
      const data = { leg: 'lost-waiting', queue: 'sales', reason: 'silent', lastHeardAt };
      const outcomeOf = async (
        site: string,
        cut: (typeof CUTS)[number] | null,
        isInTime: boolean,
        isArchived: boolean,
      ) => {
        const { before, around } = threeLost(site);
        const suspected = told(site, 'acd.contact.suspected', 'lost-waiting', '08:30:00', data, OWN_SOURCES.processor);
        const later = told(site, 'acd.source.heartbeat', 'pbx', '09:03:00', {});
        const rest = isInTime ? [suspected, ...around] : [...around, suspected];
        const log = [...before, ...rest, later];
        const installation = new Installation(store, site, log, before.length + (isArchived ? 1 : 0));
        if (cut) await installation.live(before.length + rest.length, cut);
        await installation.live(log.length, []);
        return (await installation.outcomes()).find(({ contact }) => contact === 'lost-waiting')?.['outcome'];
      };
      for (const [n, cut] of [null, [], CUTS.at(-1) ?? []].entries())
        expect([
          cut,
          await outcomeOf(`archived-${n}`, cut, true, true),
          await outcomeOf(`logged-${n}`, cut, true, false),
          await outcomeOf(`too-late-${n}`, cut, false, false),
        ]).toEqual([cut, 'unknown', 'unknown', 'waiting']);
    },
  );

  it(
    'does not depend on when the processor died, nor on how far ahead its facts were',
    { timeout: 300_000 },
    async () => {
      const reference = new Installation(store, 'reference');
      await reference.live(reference.length, []);
      expect(reference.decided.size).toBeGreaterThan(20);
      const outcomes = await reference.outcomes();
      const random = new Random('kills');
      for (let run = 0; run < KILLS; run += 1) {
        const killed = new Installation(store, `killed-${run}`);
        // Around the decision facts are ahead of it; long before it evidence must come from the facts.
        const first = random.integer(0, reference.decidedAt);
        const second = reference.decidedAt + random.integer(-FLUSHED_EVENTS, FLUSHED_EVENTS);
        for (const until of [first, second].sort((one, other) => one - other))
          await killed.live(until, CUTS[random.integer(0, CUTS.length - 1)] ?? []);
        await killed.live(killed.length, []);
        expect({ run, decided: killed.decided }).toEqual({
          run,
          decided: reference.decided,
        });
        expect(await killed.outcomes()).toEqual(outcomes);
      }
    },
  );
});
