import { describe, expect, it } from 'vitest';
import { ledgerOf } from './promises.js';

describe('the promise ledger of a day', () => {
  it('adds up over sites, and is all zero for a day without promises', () => {
    const row = (promised: number, kept: number, late: number | null) => ({
      values: { callbacks_promised: promised, callbacks_kept: kept, callbacks_late: late, callbacks_open: 1 },
    });
    const ledger = ledgerOf([row(4, 2, 1), row(3, 2, null)]);
    expect(ledger).toEqual({
      promised: 7,
      fates: {
        callbacks_open: 2,
        callbacks_kept: 4,
        callbacks_late: 1,
        callbacks_broken: 0,
        callbacks_cancelled: 0,
      },
    });
    expect(Object.values(ledger.fates).reduce((sum, count) => sum + count)).toBe(ledger.promised);
    expect(ledgerOf([]).promised).toBe(0);
  });
});
