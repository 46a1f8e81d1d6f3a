import type { PublicOutlook } from '@queuecast/live';
import { describe, expect, it } from 'vitest';
import { topOf } from './chart.js';
import { outlookDays } from './outlook-days.js';
import { outlookPanel } from './outlook.js';
import { pageWords } from './words.js';

const HOUR = 3_600_000;
const at = (time: string, day = '2026-03-02'): number => Date.parse(`${day}T${time}:00+01:00`);
const NOW = at('14:20');
const band = (lowMinutes: number, highMinutes: number) => ({ kind: 'band', lowMinutes, highMinutes }) as const;
const none = (reason: 'CLOSED' | 'TOO_FEW_DATA') => ({ kind: 'none', reason }) as const;

const outlook = (hours: PublicOutlook['hours']): PublicOutlook => ({
  tenant: 'acme',
  queue: 'support',
  timeZone: 'Europe/Brussels',
  history: null,
  bestTime: { today: null, week: null },
  hours,
});
const known = outlook([
  { from: at('14:00'), to: at('17:00'), wait: band(8, 12) },
  { from: at('17:00'), to: at('18:00'), wait: none('TOO_FEW_DATA') },
  { from: at('18:00'), to: at('09:00', '2026-03-03'), wait: none('CLOSED') },
  { from: at('09:00', '2026-03-03'), to: at('10:00', '2026-03-03'), wait: band(3, 3) },
]);

describe('the outlook by days', () => {
  it('has an entry for each hour of the clock of the queue, though neighbours are told once', () => {
    const days = outlookDays(known);
    expect(days).toMatchObject({ firstHour: 9, lastHour: 17, mostMinutes: 12 });
    expect(days?.days.map(({ hours }) => hours.length)).toEqual([10, 10]);
    expect(days?.days[0]?.hours.slice(0, 4)).toEqual([
      { hour: 14, wait: band(8, 12) },
      { hour: 15, wait: band(8, 12) },
      { hour: 16, wait: band(8, 12) },
      { hour: 17, wait: none('TOO_FEW_DATA') },
    ]);
  });

  it('follows the clock over a change to summer time', () => {
    const from = Date.parse('2026-03-29T00:00:00+01:00');
    const days = outlookDays(outlook([{ from, to: from + 23 * HOUR, wait: band(1, 2) }]));
    expect(days?.days).toHaveLength(1);
    expect(days?.days[0]?.hours.map(({ hour }) => hour)).toEqual([
      0,
      1,
      ...Array.from({ length: 21 }, (_, n) => n + 3),
    ]);
  });

  it('is nothing where no hour is known', () => {
    expect(outlookDays(outlook([{ from: NOW, to: NOW + HOUR, wait: none('TOO_FEW_DATA') }]))).toBeNull();
    expect(outlookPanel(outlook([]), 'Support', pageWords(['en']), NOW)).toBeNull();
  });
});

describe('the chart', () => {
  it('ends at a round number of which the half is one, and never below the highest bound', () => {
    for (let most = 1; most < 900; most += 1) {
      expect(topOf(most)).toBeGreaterThanOrEqual(most);
      expect(topOf(most) % 2).toBe(0);
    }
  });

  it('has a table of the same figures behind it, in the language of the reader', () => {
    const panel = outlookPanel(known, 'Support', pageWords(['nl']), NOW)?.toString() ?? '';
    expect(panel).toContain('<th scope="col">Vandaag</th><th scope="col">Morgen</th>');
    expect(panel).toContain('<tr><th scope="row">09:00</th><td></td><td>3 min</td></tr>');
    expect(panel).toContain('<tr><th scope="row">14:00</th><td>8–12 min</td><td></td></tr>');
    expect(panel).toContain('<tr><th scope="row">17:00</th><td>onbekend</td><td></td></tr>');
    expect(panel).toContain('12 minuten');
    // Three bars today, from 8 to 12 of a scale that ends at 12.
    expect(panel.match(/M\d+ 0\.0h8v33\.3h-8z/g)).toHaveLength(3);
  });
});
