import fc from 'fast-check';
import type { Instant } from '@queuecast/events';
import { describe, expect, it } from 'vitest';
import type { LegFact } from './facts.js';
import { drained, event, FactTable, newFold, NOON, siteStream } from './fold.testing.js';
import type { Publication, PublishedChange, PublishedRange } from './publication.js';
import type { DrainedFacts, FoldOptions, SiteFold } from './site-fold.js';

const OPTIONS: FoldOptions = { graceMs: 5_000, openGraceMs: 86_400_000, latenessMs: 2_000, intervalMs: 3_000 };

/** What may be published of a leg, by interval: numbers that add up. */
const figuresOf = (leg: LegFact): [string, number][] => {
  const interval = `${leg.queue} ${leg.channel ?? ''} ${Math.floor(leg.queuedAt / OPTIONS.intervalMs)}`;
  return [
    [`${interval} ${leg.outcome}`, 1],
    [`${interval} wait`, leg.waitMs ?? 0],
    [`${interval} talk`, leg.talkMs ?? 0],
    [`${interval} wrap`, leg.wrapMs ?? 0],
    [`${interval} decided`, leg.decidedAfterMs ?? 0],
  ];
};

class Sums {
  readonly values = new Map<string, number>();
  add(leg: LegFact, sign: number): void {
    for (const [key, value] of figuresOf(leg)) {
      const sum = (this.values.get(key) ?? 0) + sign * value;
      if (sum === 0) this.values.delete(key);
      else this.values.set(key, sum);
    }
  }
  rows(): [string, number][] {
    return [...this.values].sort(([one], [other]) => (one < other ? -1 : 1));
  }
}

/** Facts with what was published, by the rules of the store: the first publication counts, changes are kept by position. */
class PublishedTable extends FactTable {
  readonly publications = new Map<number, Publication>();
  readonly changes = new Map<string, PublishedChange>();
  watermark: DrainedFacts['watermark'] = null;

  override write(facts: DrainedFacts): void {
    this.writePublished(facts);
    super.write(facts);
    this.watermark = facts.watermark ?? this.watermark;
  }

  /** A flush that was cut short, with so many of its contacts written. */
  cutShort(fold: SiteFold, contacts: number): void {
    this.readBack(fold);
    const facts = fold.drain();
    this.writePublished(facts);
    super.write({ ...facts, contacts: facts.contacts.slice(0, contacts) });
  }

  restore(fold: SiteFold): void {
    fold.restore({
      ...this.recover(OPTIONS.graceMs),
      settled: this.watermark?.latest ?? null,
      published: this.watermark?.published ?? null,
    });
  }

  /** Published and changed since, by interval and figure. */
  explained(): Sums {
    const sums = new Sums();
    for (const { legs } of this.publications.values()) for (const leg of legs) sums.add(leg, 1);
    for (const { leg, sign } of this.changes.values()) sums.add(leg, sign);
    return sums;
  }

  /** What the facts say of the published intervals. */
  found(range: PublishedRange | null): Sums {
    const sums = new Sums();
    for (const leg of this.legs.values())
      if (range && leg.queuedAt >= range.from && leg.queuedAt < range.to) sums.add(leg, 1);
    return sums;
  }

  told(): string[] {
    const publications = [...this.publications].map(([to, { legs }]) => {
      const sums = new Sums();
      for (const leg of legs) sums.add(leg, 1);
      return JSON.stringify([to, sums.rows()]);
    });
    const changes = [...this.changes].map(([key, { leg, isCorrection }]) =>
      JSON.stringify([key, isCorrection, figuresOf(leg)]),
    );
    return [...publications, ...changes].sort();
  }

  private writePublished({ published }: DrainedFacts): void {
    for (const publication of published.publications)
      if (!this.publications.has(publication.range.to)) this.publications.set(publication.range.to, publication);
    for (const change of published.changes) {
      const { leg, sign, cause } = change;
      this.changes.set([cause.version, leg.contact, leg.leg, sign].join(' '), change);
    }
  }
}

const seeds = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 60, maxLength: 60 });
const cut = fc.array(
  fc.record({ after: fc.nat(12), crash: fc.constantFrom('no', 'before', 'within'), lost: fc.nat(6), kept: fc.nat(4) }),
  { maxLength: 30 },
);

describe('published intervals', () => {
  it('and all changes since explain the facts, whatever the batches, crashes and late events', () => {
    let corrections = 0;
    let progress = 0;
    fc.assert(
      fc.property(siteStream, cut, seeds, (events, cuts, seed) => {
        // One event in ten comes 60 events late, the others in slight disorder, some of them twice.
        const delivered = events.flatMap((one, index) => {
          const dice = seed[index % 60] as number;
          const key = index + (dice % 10 === 0 ? 60 : dice % 4);
          return dice % 7 === 0
            ? [
                { one, key },
                { one, key: key + 20 },
              ]
            : [{ one, key }];
        });
        const log = delivered.sort((a, b) => a.key - b.key).map(({ one }) => one);

        const whole = new PublishedTable();
        const uninterrupted = newFold(OPTIONS);
        log.forEach((one, index) => uninterrupted.apply(one, index + 1));
        whole.flush(uninterrupted);

        const table = new PublishedTable();
        let fold = newFold(OPTIONS);
        let offset = 0;
        let committed = 0;
        for (const { after, crash, lost, kept } of cuts) {
          for (const end = Math.min(log.length, offset + after); offset < end; offset += 1)
            fold.apply(log[offset] as never, offset + 1);
          if (crash === 'no') {
            table.flush(fold);
            committed = Math.max(committed, offset - lost);
            continue;
          }
          if (crash === 'within') table.cutShort(fold, kept);
          fold = newFold(OPTIONS);
          table.restore(fold);
          offset = committed;
        }
        for (; offset < log.length; offset += 1) fold.apply(log[offset] as never, offset + 1);
        table.flush(fold);

        expect(table.explained().rows()).toEqual(table.found(table.watermark?.published ?? null).rows());
        expect(table.told()).toEqual(whole.told());
        for (const { isCorrection } of table.changes.values()) {
          if (isCorrection) corrections += 1;
          else progress += 1;
        }
      }),
      { numRuns: 300 },
    );
    expect(corrections).toBeGreaterThan(1000);
    expect(progress).toBeGreaterThan(1000);
  });

  const options: FoldOptions = { ...OPTIONS, latenessMs: 60_000, graceMs: 1_800_000, intervalMs: 900_000 };
  const joins = (contact: string, seconds: number) => [
    event('acd.contact.started', contact, seconds, { channel: 'voice' }),
    event('acd.contact.queued', contact, seconds, { queue: 'sales', leg: contact }),
  ];
  const at = (seconds: number): string => new Date(NOON + seconds * 1000).toISOString();
  const folded = (...events: ReturnType<typeof event>[]) => {
    const fold = newFold(options);
    events.forEach((one, index) => fold.apply(one, index + 1));
    return drained(fold).published;
  };
  const heartbeat = (seconds: number) => event('acd.source.heartbeat', 'pbx', seconds);

  it('end when an event or a heartbeat is a minute past their end', () => {
    expect(folded(...joins('a', 10), heartbeat(959)).publications.filter(({ legs }) => legs.length > 0)).toEqual([]);
    const { publications } = folded(...joins('a', 10), heartbeat(960));
    expect(publications.at(-1)).toMatchObject({
      range: { to: (NOON + 900_000) as Instant },
      legs: [{ contact: 'a', outcome: 'waiting' }],
    });
  });

  it('go on with what was under way, and are corrected by what should have been there', () => {
    const { changes } = folded(
      ...joins('a', 10),
      heartbeat(960),
      event('acd.contact.answered', 'a', 970, { leg: 'a', agent: 'ann' }),
      event('acd.contact.ended', 'a', 1800, { by: 'agent' }),
      ...joins('b', 20),
    );
    expect(changes.map(({ leg, sign, isCorrection }) => [leg.contact, leg.outcome, sign, isCorrection])).toEqual([
      ['a', 'waiting', -1, false],
      ['a', 'answered', 1, false],
      ['a', 'answered', -1, false],
      ['a', 'answered', 1, false],
      ['b', 'waiting', 1, true],
    ]);
    expect(changes.at(-1)?.cause).toMatchObject({ late: true, behindMs: 1_780_000 });
  });

  it('are corrected by a snapshot that tells of a leg which had joined before they were published', () => {
    const waiting = (...legs: [string, number][]) =>
      event('acd.source.snapshot', 'pbx', 3700, {
        waiting: legs.map(([leg, seconds]) => ({ contact: leg, leg, queue: 'sales', queuedAt: at(seconds) })),
        agents: [],
      });
    const { changes } = folded(...joins('a', 10), heartbeat(3700), waiting(['a', 10], ['b', 300], ['c', 3650]));
    expect(changes.map(({ leg, sign, isCorrection }) => [leg.contact, sign, isCorrection])).toEqual([['b', 1, true]]);
    expect(changes[0]?.cause).toMatchObject({ late: false, event: { type: 'acd.source.snapshot' } });
  });

  it('are corrected by what tells, of its own time, that their past was another', () => {
    // Given up within the interval, and heard of long after it: what was published as lost was not.
    const gone = event('acd.contact.presumed_gone', 'a', 800, {
      reason: 'silent',
      lastHeardAt: at(10),
      by: 'queuecast',
    });
    const { changes } = folded(
      ...joins('a', 10),
      gone,
      heartbeat(960),
      event('acd.contact.answered', 'a', 970, { leg: 'a', agent: 'ann' }),
    );
    expect(changes.map(({ leg, sign, isCorrection }) => [leg.outcome, sign, isCorrection])).toEqual([
      ['unknown', -1, true],
      ['answered', 1, true],
    ]);
  });

  it('are not changed by an event that came again', () => {
    const again = joins('a', 10);
    expect(folded(...again, heartbeat(960), ...again).changes).toEqual([]);
  });

  it('before the first event of a site were never shown, and are not corrected', () => {
    expect(folded(...joins('a', 4000), ...joins('b', 10)).changes).toEqual([]);
  });
});
