import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadWindows, spanText, type QueueWindow } from './windows.js';

const values = { offered: 4, answered: 3, abandoned: 1, service_level: 0.75, asa: 12_000, aht: null };
const window = (name: QueueWindow['window'], from: string, to: string): QueueWindow => ({
  window: name,
  from: Date.parse(from),
  to: Date.parse(to),
  timeZone: 'Europe/Brussels',
  values,
});
/** Locales differ in the space around the dash. */
const plain = (text: string): string => text.replaceAll(/\s/g, ' ');

describe('what a window covers', () => {
  it.each([
    ['last_15_minutes', '2026-03-02T08:46:00Z', '2026-03-02T09:00:40Z', '09:46–10:00', '09:46–10:00 Uhr'],
    ['today', '2026-03-01T23:00:00Z', '2026-03-02T09:00:40Z', '00:00–10:00', '00:00–10:00 Uhr'],
    ['yesterday', '2026-02-28T23:00:00Z', '2026-03-01T23:00:00Z', 'Sun 1 Mar', 'So., 1. März'],
    ['week_to_date', '2026-03-01T23:00:00Z', '2026-03-02T09:00:40Z', 'Mon 2 Mar', 'Mo., 2. März'],
  ] as const)('%s, by the clock of the queue', (name, from, to, english, german) => {
    const span = window(name, from, to);
    expect(plain(spanText(span, 'en-GB'))).toBe(english);
    expect(plain(spanText(span, 'de'))).toBe(german);
  });

  it('names day and hours of a week ago', () => {
    const span = window('same_time_last_week', '2026-02-22T23:00:00Z', '2026-02-23T09:00:40Z');
    expect(plain(spanText(span, 'en-GB'))).toBe('Mon 23 Feb, 00:00–10:00');
  });
});

describe('reading them', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('asks for one queue, and tells of definitions that are new', async () => {
    const row = { ...window('today', '2026-03-01T23:00:00Z', '2026-03-02T09:00:00Z'), from: '2026-03-01T23:00:00Z' };
    const body = {
      changes: [{ key: 'asa', at: '2026-03-02T00:00:00Z', from: 'asa@1', to: 'asa@2' }],
      rows: [{ ...row, to: '2026-03-02T09:00:00Z' }],
      nextCursor: null,
    };
    const fetched = vi.fn<(url: string) => Promise<Response>>().mockResolvedValue(Response.json(body));
    vi.stubGlobal('fetch', fetched);
    expect(await loadWindows('support')).toEqual({
      windows: [window('today', '2026-03-01T23:00:00Z', '2026-03-02T09:00:00Z')],
      changes: [{ metric: 'asa', at: Date.parse('2026-03-02T00:00:00Z') }],
    });
    expect(fetched.mock.calls[0]?.[0]).toBe(
      '/v1/reports/windows?queue=support&metrics=offered%2Canswered%2Cabandoned%2Cservice_level%2Casa%2Caht',
    );
  });
});
