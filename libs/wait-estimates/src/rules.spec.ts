import { describe, expect, it } from 'vitest';
import { RuleBook } from './rules.js';
import { SiteSignals } from './signals/site-signals.js';

describe('the rules', () => {
  it('pool the last waits of the queues that share agents, not of the site', () => {
    const [book, signals] = [new RuleBook(), new SiteSignals()];
    const [claims, sales, chat] = [0, 1, 2];
    for (const name of ['claims', 'sales', 'chat']) signals.numberOf(name);
    book.answered(claims, 100, 10);
    book.answered(sales, 200, 20);
    book.answered(chat, 300, 30);
    const pooled = (queue: number, pool: readonly number[]) =>
      book.waits(queue, 400, signals.read(queue, 400), pool)['pooled-les'];
    expect(pooled(claims, [claims, sales])).toBe(20);
    expect(pooled(chat, [chat])).toBe(30);
    // Before anybody knows who shares agents with whom it is the queue's own.
    expect(pooled(claims, [])).toBe(10);
    expect(new RuleBook().waits(claims, 400, signals.read(claims, 400), [claims])['pooled-les']).toBeNull();
  });
});
