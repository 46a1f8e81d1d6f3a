import { afterEach, describe, expect, it, vi } from 'vitest';
import { dayHistory, loadDay } from './history.js';

const FROM = Date.parse('2026-03-02T08:00:00Z');
const quarter = (at: number): string => new Date(FROM + at * 900_000).toISOString();
const row = (at: number, values: Record<string, number | null>) => ({ start: quarter(at), values });

describe('today by quarters', () => {
  it('has a row for every quarter, those without contacts too', () => {
    const day = dayHistory([row(1, { offered: 4, answered: 3, abandoned: 1 })], FROM, FROM + 2_000_000);
    expect(day.starts).toEqual([FROM / 1000, FROM / 1000 + 900, FROM / 1000 + 1800]);
    expect(day.offered).toEqual([0, 4, 0]);
    expect(day.answered).toEqual([0, 3, 0]);
    expect(day.serviceLevel).toEqual([null, null, null]);
  });

  it('has the figures as the server gives them, whatever the versions they are served under', () => {
    const rows = [row(0, { 'offered@1': 41, 'answered@1': 30, 'abandoned@1': 9, 'service_level@2': 0.7 })];
    const day = dayHistory(rows, FROM, FROM + 1);
    expect(day).toMatchObject({ offered: [41], answered: [30], abandoned: [9], serviceLevel: [0.7] });
  });
});

describe('reading it', () => {
  afterEach(() => vi.unstubAllGlobals());
  const answers = (...bodies: readonly [status: number, body: unknown][]) => {
    const fetched = vi.fn<(url: string) => Promise<Response>>();
    for (const [status, body] of bodies) fetched.mockResolvedValueOnce(new Response(JSON.stringify(body), { status }));
    vi.stubGlobal('fetch', fetched);
    return fetched;
  };

  it('follows the pages to the end', async () => {
    const fetched = answers(
      [200, { rows: [row(0, { offered: 1 })], nextCursor: 'next' }],
      [200, { rows: [row(1, { offered: 2 })], nextCursor: null }],
    );
    expect((await loadDay('support', FROM, FROM + 900_001)).offered).toEqual([1, 2]);
    const urls = fetched.mock.calls.map(([url]) => new URL(url, 'http://gateway'));
    expect(urls.map(({ searchParams }) => searchParams.get('cursor'))).toEqual([null, 'next']);
    expect(urls[0]?.searchParams.get('from')).toBe('2026-03-02T08:00:00.000Z');
    expect(urls[0]?.searchParams.getAll('queue')).toEqual(['support']);
    expect(urls.map(({ searchParams }) => searchParams.get('channels'))).toEqual(['together', 'together']);
  });

  it('fails with the reason that the server gives', async () => {
    answers([503, { title: 'Service unavailable', detail: 'the store is away' }]);
    await expect(loadDay('support', FROM, FROM + 1)).rejects.toThrow('the store is away');
    answers([502, 'bad gateway']);
    await expect(loadDay('support', FROM, FROM + 1)).rejects.toThrow('HTTP 502');
  });
});
