import { describe, expect, it } from 'vitest';
import { AgentPool } from './agent-pool.js';

const [CLAIMS, SALES] = [0, 1];
const HOUR = 3600;

/** Ten agents of whom each tenth contact, of two in a hundred for sales, comes up every half minute. */
const work = (pool: AgentPool, from: number, contacts: number): number => {
  let now = from;
  for (let n = 0; n < contacts; n += 1) pool.answered(`a${n % 10}`, n % 50 === 49 ? SALES : CLAIMS, (now += 30));
  return now;
};

describe('who is there for a queue', () => {
  it('is whoever is stated for it, however little of his work it is', () => {
    const pool = new AgentPool();
    for (let n = 0; n < 10; n += 1) pool.stated(`a${n}`, 'available', [CLAIMS, SALES], HOUR);
    work(pool, HOUR, 2_000);
    for (const queue of [CLAIMS, SALES]) {
      expect(pool.isDeserted(queue)).toBe(false);
      expect(pool.staff(queue)).toMatchObject({ present: 10, free: 10 });
    }
  });

  it('is whoever is stated for it, of however many queues', () => {
    const pool = new AgentPool();
    const queues = Array.from({ length: 60 }, (_, n) => n);
    pool.stated('a0', 'available', queues, HOUR);
    expect(queues.filter((queue) => pool.isDeserted(queue))).toEqual([]);
    expect(pool.isDeserted(60)).toBe(true);
    pool.stated('a0', 'busy', queues, HOUR + 1);
    expect(queues.map((queue) => pool.staff(queue).present)).toEqual(queues.map(() => 1));
    pool.stated('a0', 'offline', queues, HOUR + 2);
    expect(queues.filter((queue) => !pool.isDeserted(queue))).toEqual([]);
  });

  it('is whoever has answered it, where the source states no queues', () => {
    const pool = new AgentPool();
    for (let n = 0; n < 10; n += 1) pool.stated(`a${n}`, 'available', [], HOUR);
    const now = work(pool, HOUR, 2_000);
    expect([CLAIMS, SALES].map((queue) => pool.isDeserted(queue))).toEqual([false, false]);
    // Of ten agents one answers all of sales: each fiftieth contact is a tenth one of his.
    for (let n = 0; n < 10; n += 1) pool.stated(`a${n}`, n === 9 ? 'away' : 'available', [], now);
    expect([CLAIMS, SALES].map((queue) => pool.isDeserted(queue))).toEqual([false, true]);
  });

  it('may be anyone, where nothing is stated and nothing has been answered', () => {
    const pool = new AgentPool();
    expect(pool.isDeserted(CLAIMS)).toBe(false);
    pool.stated('a0', 'available', [], HOUR);
    expect(pool.isDeserted(CLAIMS)).toBe(false);
    pool.answered('a0', SALES, HOUR + 1);
    // Nobody has answered it: perhaps he will.
    expect(pool.isDeserted(CLAIMS)).toBe(false);
    pool.stated('a0', 'offline', [], HOUR + 2);
    expect([CLAIMS, SALES].map((queue) => pool.isDeserted(queue))).toEqual([true, true]);
    // Of someone who comes for the first time nobody knows what he answers.
    pool.stated('a1', 'available', [], HOUR + 3);
    expect([CLAIMS, SALES].map((queue) => pool.isDeserted(queue))).toEqual([false, false]);
  });

  it('is counted once, whatever is stated again', () => {
    const pool = new AgentPool();
    for (const now of [HOUR, HOUR, HOUR + 5]) pool.stated('a0', 'available', [CLAIMS], now);
    pool.answered('a0', CLAIMS, HOUR + 6);
    expect(pool.staff(CLAIMS).present).toBe(1);
    pool.stated('a0', 'available', [SALES], HOUR + 7);
    expect([CLAIMS, SALES].map((queue) => pool.staff(queue).present)).toEqual([0, 1]);
  });
});
