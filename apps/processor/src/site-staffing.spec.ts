import type { LegFact } from '@queuecast/contact-center';
import { instant, queueId, type Instant } from '@queuecast/events';
import { staffingSchema, type SourceHealth } from '@queuecast/live';
import { requiredAgents } from '@queuecast/staffing';
import { describe, expect, it } from 'vitest';
import { answered, leg, siteKey, spell } from '../../../libs/store/src/facts.testing.js';
import { SiteStaffing, type StaffingMoment } from './site-staffing.js';

const MINUTE = 60_000;
const START = Date.parse('2026-03-02T09:00:00Z');
const KEY = siteKey('acme');
const support = queueId('support');
const settings = { thresholdSeconds: 20, target: 0.8 };
const source = (state: SourceHealth['state']): SourceHealth => ({
  state,
  lastEventAt: null,
  lastHeardAt: null,
  lagMs: 0,
});

/** A call every 18 s of three minutes each, for half an hour: 200 an hour, 10 erlangs. Nobody hangs up. */
const busyHalfHour = (staffing: SiteStaffing, queue = 'support', facts: LegFact[] = []): Instant => {
  for (let n = 0; n < 100; n += 1) {
    const at = instant(START + n * 18_000);
    const fact = answered(KEY, at, 0, { queue, contact: `${queue}-${n}`, talkMs: 3 * MINUTE, holdMs: 0, wrapMs: null });
    facts.push(fact);
    staffing.legChanged(null, leg(KEY, { ...fact, outcome: 'waiting', waitMs: null, talkMs: null }), at);
    staffing.legChanged(leg(KEY, { ...fact, outcome: 'waiting', waitMs: null, talkMs: null }), fact, at);
  }
  return instant(START + 30 * MINUTE - 1);
};
const staff = (staffing: SiteStaffing, agents: number, queues = ['support'], name = 'agent'): void => {
  for (let n = 0; n < agents; n += 1)
    staffing.agentChanged(spell(KEY, `${name}-${n}`, instant(START), { state: 'busy', queues }));
};
const moment = (now: Instant, more: Partial<StaffingMoment> = {}): StaffingMoment => ({
  waiting: 0,
  opening: { state: 'open', until: null, by: 'calendar' },
  source: source('live'),
  now,
  ...more,
});

describe('staffing of a site', () => {
  it('names the agents that Erlang asks for, and what that was worked out from', () => {
    const staffing = new SiteStaffing();
    staff(staffing, 11);
    const now = busyHalfHour(staffing);
    const found = staffingSchema.parse(staffing.staffing(support, settings, moment(now)));
    // 200 an hour of 180 s: 14 agents answer .888 within 20 s, and 13 do not reach .8 (Erlang C).
    const demand = { arrivalRate: 200 / 3600, meanHandle: 180, meanPatience: Infinity };
    expect(found.more).toBe(requiredAgents(demand, { share: 0.8, threshold: 20 })! - 11);
    expect(found.from).toMatchObject({ handleMs: 180_000, patienceMs: null, agents: 11, waiting: 0 });
    expect(found.from.arrivalsPerHour).toBeCloseTo(200, 1);
  });

  it('says by when a backlog is gone, and asks for more when the queue closes before', () => {
    const staffing = new SiteStaffing();
    staff(staffing, 12);
    const now = busyHalfHour(staffing);
    const waiting = moment(now, { waiting: 40 });
    const found = staffing.staffing(support, settings, waiting)!;
    expect(found.by).toBeGreaterThan(now);
    expect(found.by! - now).toBeLessThanOrEqual(30 * MINUTE);
    const later = instant(now + 20_000);
    const opening = { state: 'open', until: later + 10 * MINUTE, by: 'calendar' } as const;
    const sooner = staffing.staffing(support, settings, { ...waiting, now: later, opening })!;
    expect(sooner.more).toBeGreaterThan(found.more);
  });

  it('counts agents of several queues by their work', () => {
    const staffing = new SiteStaffing();
    staff(staffing, 20, ['support', 'sales']);
    busyHalfHour(staffing, 'sales');
    const now = busyHalfHour(staffing);
    expect(staffing.staffing(support, settings, moment(now))?.from.agents).toBe(10);
    staff(staffing, 4, ['sales'], 'seller');
    staffing.agentChanged(spell(KEY, 'agent-0', instant(START), { state: 'away', queues: [] }));
    staffing.agentChanged(spell(KEY, 'agent-1', instant(START), { state: 'offline', queues: [] }));
    expect(staffing.staffing(support, settings, moment(instant(now + 20_000)))?.from.agents).toBe(9);
  });

  it('is worked out anew every quarter of a minute only', () => {
    const staffing = new SiteStaffing();
    staff(staffing, 11);
    const now = busyHalfHour(staffing);
    const first = staffing.staffing(support, settings, moment(now));
    expect(staffing.staffing(support, settings, moment(instant(now + 14_999), { waiting: 9 }))).toBe(first);
    expect(staffing.staffing(support, settings, moment(instant(now + 15_000), { waiting: 9 }))).not.toBe(first);
  });

  it('goes on after a restart with what the facts have of the last two hours', () => {
    const [lived, restarted] = [new SiteStaffing(), new SiteStaffing()];
    const facts: LegFact[] = [];
    const now = busyHalfHour(lived, 'support', facts);
    restarted.restore(facts, instant(START));
    for (const each of [lived, restarted]) staff(each, 11);
    expect(lived.staffing(support, settings, moment(now))).not.toBeNull();
    expect(restarted.staffing(support, settings, moment(now))).toEqual(lived.staffing(support, settings, moment(now)));
  });

  it('reckons with what usually comes next', () => {
    const [same, more] = [new SiteStaffing(), new SiteStaffing((queue) => (queue === support ? 1.5 : 1))];
    for (const each of [same, more]) staff(each, 11);
    const now = [same, more].map((each) => busyHalfHour(each))[0]!;
    const [now200, then300] = [same, more].map((each) => each.staffing(support, settings, moment(now))!);
    expect(then300!.from.arrivalsPerHour).toBeCloseTo(1.5 * now200!.from.arrivalsPerHour, 6);
    const demand = { arrivalRate: 300 / 3600, meanHandle: 180, meanPatience: Infinity };
    expect(then300!.more).toBe(requiredAgents(demand, { share: 0.8, threshold: 20 })! - 11);
  });

  it.each<[string, (staffing: SiteStaffing) => void, Partial<StaffingMoment>]>([
    ['the queue is closed', () => undefined, { opening: { state: 'closed', until: null, by: 'event' } }],
    ['the source is silent', () => undefined, { source: source('silent') }],
    ['an agent’s queues are not told', (staffing) => staff(staffing, 1, [], 'untold'), {}],
    ['it is not known for long', () => undefined, { now: instant(START + 10 * MINUTE) }],
  ])('is none when %s', (_, change, more) => {
    const staffing = new SiteStaffing();
    staff(staffing, 11);
    const now = busyHalfHour(staffing);
    change(staffing);
    expect(staffing.staffing(support, settings, moment(now, more))).toBeNull();
  });

  it('is none without agents, and of a queue that nobody calls', () => {
    const staffing = new SiteStaffing();
    const now = busyHalfHour(staffing);
    expect(staffing.staffing(support, settings, moment(now))).toBeNull();
    staff(staffing, 5, ['quiet']);
    expect(staffing.staffing(queueId('quiet'), settings, moment(now))).toBeNull();
  });
});
