import fc from 'fast-check';
import {
  parseEvent,
  type AcdEvent,
  type AgentId,
  type CloudEvent,
  type ContactId,
  type Instant,
  type QueueId,
} from '@queuecast/events';
import type { ContactRow, LegFact, SpellFact } from './facts.js';
import { DEFAULT_FOLD, SiteFold, type DrainedFacts, type FoldOptions } from './site-fold.js';

export const NOON = Date.parse('2026-03-02T12:00:00.000Z') as Instant;
export const FAR_FUTURE = (NOON + 10 * 86_400_000) as Instant;

let serial = 0;
/** A valid event of the contract, `seconds` after noon. */
export const event = (type: string, subject: string, seconds: number, data: unknown = {}, source = 'pbx'): AcdEvent => {
  serial += 1;
  const cloudEvent: CloudEvent = {
    specversion: '1.0',
    id: `e${serial}`,
    source,
    type,
    time: new Date(NOON + Math.round(seconds * 1000)).toISOString(),
    subject,
    tenant: 't',
    site: 's',
    data,
  };
  const parsed = parseEvent(cloudEvent, FAR_FUTURE);
  if (parsed.kind !== 'event') throw new Error(JSON.stringify(parsed));
  return parsed.event;
};

export const newFold = (options: FoldOptions = DEFAULT_FOLD): SiteFold =>
  new SiteFold('t' as never, 's' as never, options);

/** A contact's journey over one to three legs, with offers, declines, holds, a transfer, and any of the ways to end. */
export const journey = (contact: string, start: number): fc.Arbitrary<AcdEvent[]> =>
  fc
    .record({
      gaps: fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 40, maxLength: 40 }),
      legs: fc.integer({ min: 1, max: 3 }),
      declines: fc.integer({ min: 0, max: 2 }),
      holds: fc.integer({ min: 0, max: 2 }),
      fate: fc.constantFrom('answered', 'abandoned', 'callback_taken', 'overflowed', 'dropped', 'open', 'hung_up'),
      wrap: fc.boolean(),
      agents: fc.array(fc.constantFrom('ann', 'bob', 'cy'), { minLength: 10, maxLength: 10 }),
      queues: fc.array(fc.constantFrom('sales', 'support'), { minLength: 3, maxLength: 3 }),
    })
    .map((plan) => {
      let at = start;
      let step = 0;
      const tick = (): number => (at += (plan.gaps[step++ % plan.gaps.length] as number) / 10);
      const agent = (n: number): string => plan.agents[n % plan.agents.length] as string;
      const events = [
        event('acd.contact.started', contact, tick(), { channel: 'voice' }),
        event('acd.contact.menu_completed', contact, tick(), { choice: '1' }),
      ];
      for (let n = 1; n <= plan.legs; n += 1) {
        const leg = `${contact}-${n}`;
        const last = n === plan.legs;
        events.push(event('acd.contact.queued', contact, tick(), { queue: plan.queues[n - 1], leg }));
        for (let d = 0; d < plan.declines; d += 1) {
          events.push(event('acd.contact.offered', contact, tick(), { leg, agent: agent(d) }));
          events.push(event('acd.contact.declined', contact, tick(), { leg, agent: agent(d), reason: 'no_answer' }));
        }
        if (!last || plan.fate === 'answered') {
          events.push(event('acd.contact.offered', contact, tick(), { leg, agent: agent(n + 4) }));
          events.push(event('acd.contact.answered', contact, tick(), { leg, agent: agent(n + 4) }));
          for (let h = 0; h < plan.holds; h += 1) {
            events.push(event('acd.contact.held', contact, tick(), { leg, agent: agent(n + 4) }));
            events.push(event('acd.contact.resumed', contact, tick(), { leg, agent: agent(n + 4) }));
          }
          if (!last) events.push(event('acd.contact.transferred', contact, tick(), { leg, toQueue: plan.queues[n] }));
          else events.push(event('acd.contact.ended', contact, tick(), { by: 'agent' }));
          if (plan.wrap)
            events.push(event('acd.contact.wrapped_up', contact, tick() + 5, { leg, agent: agent(n + 4) }));
        } else if (plan.fate === 'hung_up')
          events.push(event('acd.contact.ended', contact, tick(), { by: 'customer' }));
        else if (plan.fate === 'dropped') events.push(event('acd.contact.ended', contact, tick(), { by: 'system' }));
        else if (plan.fate !== 'open')
          events.push(event('acd.contact.left_queue', contact, tick(), { leg, reason: plan.fate }));
      }
      return events;
    });

export const agentDay = (agent: string, start: number): fc.Arbitrary<AcdEvent[]> =>
  fc
    .array(
      fc.tuple(
        fc.integer({ min: 0, max: 3000 }),
        fc.constantFrom('available', 'offered', 'busy', 'wrap_up', 'away', 'offline'),
      ),
      {
        maxLength: 12,
      },
    )
    .map((steps) => {
      let at = start;
      return steps.map(([gap, state]) =>
        event('acd.agent.state_changed', agent, (at += gap / 10), {
          state,
          queues: state === 'offline' ? [] : ['sales'],
        }),
      );
    });

/** A site's stream: several contacts and agents, in time order. */
export const siteStream: fc.Arbitrary<AcdEvent[]> = fc
  .tuple(
    ...Array.from({ length: 8 }, (_, n) => journey(`c${n}`, n * 97)),
    ...['ann', 'bob'].map((agent) => agentDay(agent, 0)),
  )
  .map((streams) => streams.flat().sort((a, b) => a.at - b.at));

/**
 * The facts as the store keeps them: one row per key, the highest version wins. Equal versions must be equal rows; that
 * is what makes writing twice harmless, and it is checked on every write.
 */
export class FactTable {
  readonly contacts = new Map<string, ContactRow>();
  readonly legs = new Map<string, LegFact>();
  readonly spells = new Map<string, SpellFact>();
  private settled: Instant | null = null;

  write(drained: DrainedFacts): void {
    for (const row of drained.contacts) keep(this.contacts, row.contact, row);
    for (const leg of drained.legs)
      keep(this.legs, [leg.queue, Math.floor(leg.anchor / 3_600_000), leg.contact, leg.leg].join('|'), leg);
    this.settled = drained.watermark?.latest ?? this.settled;
    for (const spell of drained.spells) keep(this.spells, `${spell.agent}|${spell.from}`, spell);
  }

  /** What {@link SiteFold.restore} needs, by the rule that the store documents. */
  recover(graceMs: number): {
    contacts: ContactRow[];
    spells: SpellFact[];
    latest: Instant | null;
    settled: Instant | null;
  } {
    const times = [
      ...[...this.contacts.values()].map((row) => row.lastAt),
      ...[...this.spells.values()].map((spell) => spell.from),
    ];
    if (times.length === 0) return { contacts: [], spells: [], latest: null, settled: this.settled };
    const latest = Math.max(...times) as Instant;
    const contacts = [...this.contacts.values()].filter((row) => !row.closed || row.lastAt >= latest - graceMs);
    const byAgent = new Map<AgentId, SpellFact[]>();
    for (const spell of this.spells.values()) byAgent.set(spell.agent, [...(byAgent.get(spell.agent) ?? []), spell]);
    const spells = [...byAgent.values()].flatMap((own) => {
      const sorted = own.sort((a, b) => a.from - b.from);
      const recent = sorted.findIndex((spell) => spell.from >= latest - graceMs);
      return sorted.slice(recent < 0 ? -1 : Math.max(0, recent - 1));
    });
    return { contacts, spells, latest, settled: this.settled };
  }

  flush(fold: SiteFold): void {
    this.readBack(fold);
    this.write(fold.drain());
    fold.evict();
  }

  protected readBack(fold: SiteFold): void {
    const asked = fold.unverified();
    fold.verify(
      asked,
      asked.flatMap((id: ContactId) => this.contacts.get(id) ?? []),
    );
    for (const { agent, from } of fold.unverifiedAgents()) {
      const own = [...this.spells.values()].filter((spell) => spell.agent === agent).sort((a, b) => a.from - b.from);
      const running = own.findLast((spell) => spell.from <= from);
      fold.verifyAgent(
        agent,
        from,
        own.filter((spell) => spell.from >= (running?.from ?? from)),
      );
    }
  }

  rows(): { contacts: ContactRow[]; legs: LegFact[]; spells: SpellFact[] } {
    const sorted = <T>(map: Map<string, T>): T[] =>
      [...map.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    return { contacts: sorted(this.contacts), legs: sorted(this.legs), spells: sorted(this.spells) };
  }
}

const keep = <T extends { readonly version: number }>(table: Map<string, T>, key: string, row: T): void => {
  const known = table.get(key);
  if (!known || row.version >= known.version) table.set(key, row);
};

export const foldAll = (events: readonly AcdEvent[]): SiteFold => {
  const fold = newFold();
  events.forEach((one, index) => fold.apply(one, index + 1));
  return fold;
};

/** A leg without what depends on the log's order by design: where it is stored, its version, its corrections. */
export const timeless = (leg: LegFact): Omit<LegFact, 'anchor' | 'version' | 'corrections'> => {
  const { anchor: _a, version: _v, corrections: _c, ...rest } = leg;
  return rest;
};

/** Drains a fold that has no facts behind it: there is nothing to read back. */
export const drained = (fold: SiteFold): DrainedFacts => {
  fold.verify(fold.unverified(), []);
  for (const { agent, from } of fold.unverifiedAgents()) fold.verifyAgent(agent, from, []);
  return fold.drain();
};

export const legsOf = (fold: SiteFold): LegFact[] =>
  [...drained(fold).legs].sort((a, b) => (`${a.contact}${a.leg}` < `${b.contact}${b.leg}` ? -1 : 1));

export const queue = (id: string): QueueId => id as QueueId;
