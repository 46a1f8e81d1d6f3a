import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assignPartitions, type MemberClaim } from './assignment.js';

const nobody = (member: string): MemberClaim => ({ member, holding: [], releasing: [] });

describe('who gets which partition', () => {
  test('the first member gets all', () => {
    expect(assignPartitions(4, [nobody('a')])).toEqual(new Map([['a', [0, 1, 2, 3]]]));
  });

  test('a second member gets nothing before the first has drained, then its share', () => {
    const first = assignPartitions(4, [{ member: 'a', holding: [0, 1, 2, 3], releasing: [] }, nobody('b')]);
    expect(first).toEqual(
      new Map([
        ['a', [0, 1]],
        ['b', []],
      ]),
    );
    const draining = assignPartitions(4, [{ member: 'a', holding: [0, 1], releasing: [2, 3] }, nobody('b')]);
    expect(draining).toEqual(
      new Map([
        ['a', [0, 1]],
        ['b', []],
      ]),
    );
    const drained = assignPartitions(4, [{ member: 'a', holding: [0, 1], releasing: [] }, nobody('b')]);
    expect(drained).toEqual(
      new Map([
        ['a', [0, 1]],
        ['b', [2, 3]],
      ]),
    );
  });

  test('what a dead member held is free at once', () => {
    expect(assignPartitions(4, [{ member: 'b', holding: [2, 3], releasing: [] }])).toEqual(
      new Map([['b', [2, 3, 0, 1]]]),
    );
  });

  test('more members than partitions: some have none, nobody takes from another', () => {
    const claims = [
      { member: 'a', holding: [0], releasing: [] },
      { member: 'b', holding: [1], releasing: [] },
      nobody('c'),
    ];
    expect(assignPartitions(2, claims)).toEqual(
      new Map([
        ['a', [0]],
        ['b', [1]],
        ['c', []],
      ]),
    );
  });
});

describe('any course of joins, leaves and drains', () => {
  interface Member {
    holding: Set<number>;
    releasing: Set<number>;
  }
  const step = fc.oneof(
    fc.record({ kind: fc.constant('join' as const), who: fc.integer({ min: 0, max: 5 }) }),
    fc.record({ kind: fc.constant('die' as const), who: fc.integer({ min: 0, max: 5 }) }),
    fc.record({ kind: fc.constant('drain' as const), who: fc.integer({ min: 0, max: 5 }) }),
  );

  const round = (partitions: number, members: Map<string, Member>): void => {
    if (members.size === 0) return;
    const claims = [...members].map(([member, { holding, releasing }]) => ({
      member,
      holding: [...holding],
      releasing: [...releasing],
    }));
    for (const [name, assigned] of assignPartitions(partitions, claims)) {
      const member = members.get(name);
      if (!member) throw new Error(`assigned to ${name}, who is not in the group`);
      for (const partition of member.holding) {
        if (assigned.includes(partition)) continue;
        member.holding.delete(partition);
        member.releasing.add(partition);
      }
      for (const partition of assigned) member.holding.add(partition);
    }
  };

  test('never give a partition to two, and settle on an even share of all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(step, { maxLength: 30 }), (partitions, steps) => {
        const members = new Map<string, Member>([['first', { holding: new Set(), releasing: new Set() }]]);
        const exclusive = (): void => {
          const all = [...members.values()].flatMap((member) => [...member.holding, ...member.releasing]);
          expect(new Set(all).size).toBe(all.length);
        };
        for (const { kind, who } of steps) {
          const name = `member-${who}`;
          if (kind === 'join' && !members.has(name)) members.set(name, { holding: new Set(), releasing: new Set() });
          if (kind === 'die') members.delete(name);
          if (kind === 'drain') members.get(name)?.releasing.clear();
          round(partitions, members);
          exclusive();
        }
        for (const member of members.values()) member.releasing.clear();
        round(partitions, members);
        for (const member of members.values()) member.releasing.clear();
        round(partitions, members);
        exclusive();
        const shares = [...members.values()].map((member) => member.holding.size);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(partitions);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
