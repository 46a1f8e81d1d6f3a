import { describe, expect, it } from 'vitest';
import { instant, milliseconds } from '@queuecast/events';
import { AsteriskHoldTime, LastToEnterService, MovingAverageWait } from './textbook.js';

const minute = 60_000;

describe('textbook predictors', () => {
  it('LES is the wait of the latest answer, whatever the order in which answers are told', () => {
    const les = new LastToEnterService();
    expect(les.wait).toBeNull();
    les.answered(instant(2000), milliseconds(70));
    les.answered(instant(1000), milliseconds(30));
    expect(les.wait).toBe(70);
    les.answered(instant(2000), milliseconds(80));
    expect(les.wait).toBe(80);
  });

  it('the moving average forgets what was answered before the window, and does not look ahead', () => {
    const average = new MovingAverageWait();
    const start = 1_000_000 * minute;
    expect(average.wait(instant(start))).toBeNull();
    average.answered(instant(start), milliseconds(10_000));
    average.answered(instant(start + 10 * minute), milliseconds(20_000));
    average.answered(instant(start + 20 * minute), milliseconds(60_000));
    expect(average.wait(instant(start + 15 * minute))).toBe(15_000);
    expect(average.wait(instant(start + 29 * minute))).toBe(30_000);
    expect(average.wait(instant(start + 31 * minute))).toBe(40_000);
    expect(average.wait(instant(start + 51 * minute))).toBeNull();
    average.answered(instant(start + 90 * minute), milliseconds(5000));
    average.answered(instant(start), milliseconds(99_000));
    expect(average.wait(instant(start + 90 * minute))).toBe(5000);
  });

  it("Asterisk's hold time takes a quarter of each new wait, in whole seconds rounded down", () => {
    const hold = new AsteriskHoldTime();
    expect(hold.wait).toBeNull();
    const told = [100, 60, 3, 0].map((seconds) => {
      hold.answered(instant(10_000), instant(10_000 + seconds * 1000));
      return hold.wait;
    });
    // 100/4 = 25; (75 + 60)/4 = 33.75; (99 + 3)/4 = 25.5; 75/4 = 18.75
    expect(told).toEqual([25_000, 33_000, 25_000, 18_000]);
  });

  it("Asterisk's clock tells whole seconds", () => {
    const hold = new AsteriskHoldTime();
    hold.answered(instant(999), instant(8000));
    expect(hold.wait).toBe(2000);
  });
});
