import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentsQuery, contactsQuery, intervalQuery, ledgerQuery, windowsQuery } from './query.js';

const range = { from: '2026-03-01T00:00:00Z', to: '2026-03-02T00:00:00+01:00' };
const issuesOf = (query: unknown): string[] => {
  const parsed = intervalQuery.safeParse(query);
  return parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
};

describe('a report query', () => {
  it('is read with its defaults', () => {
    expect(intervalQuery.parse(range)).toEqual({
      from: Date.parse('2026-03-01T00:00:00Z'),
      to: Date.parse('2026-03-01T23:00:00Z'),
      grain: 'quarter',
      attribution: 'arrival',
      channels: 'apart',
      limit: 1000,
    });
  });

  it('takes queues and metrics once, repeated, or separated by commas', () => {
    expect(intervalQuery.parse({ ...range, queue: 'a', metrics: 'offered,answered' })).toMatchObject({
      queue: ['a'],
      metrics: ['offered', 'answered'],
    });
    expect(intervalQuery.parse({ ...range, queue: ['a', 'b'] }).queue).toEqual(['a', 'b']);
  });

  it.each([
    [{ from: range.from }, /^to: must be an RFC 3339 time/],
    [{ ...range, from: '2026-03-01' }, /^from: must be an RFC 3339 time with a zone/],
    [{ ...range, to: range.from }, /^to: must be later than from/],
    [{ ...range, to: '2036-01-01T00:00:00Z' }, /^to: must be at most 1100 days after from/],
    [{ ...range, grain: 'week' }, /^grain: must be one of minute, quarter, hour, day, total/],
    [{ ...range, timeZone: 'Europe/Atlantis' }, /^timeZone: must be an IANA time zone/],
    [{ ...range, thresholdSeconds: '-1' }, /^thresholdSeconds: must be a whole number/],
    [{ ...range, limit: '0' }, /^limit: must be at least 1/],
    [{ ...range, limit: '1e3' }, /^limit: must be a whole number/],
    [{ ...range, limit: '50001' }, /^limit: must be at most 50000/],
    [{ ...range, attribution: 'arival' }, /^attribution: must be one of arrival, event, end, clipped/],
    [{ ...range, repeatDays: '0' }, /^repeatDays: must be at least 1/],
    [{ ...range, queueGroup: ['a,b', 'b,c'] }, /^queueGroup: "b" is named twice; a queue belongs to one group/],
    [{ ...range, queueGroup: 'a,' }, /^queueGroup: must not hold an empty queue id/],
    [{ ...range, queue: '' }, /^queue\.0: must not be empty/],
    [{ ...range, treshold: '1' }, /unknown parameter treshold: known are from, to, .*thresholdSeconds/],
  ])('%j is refused, naming the parameter', (query, expected) => {
    expect(issuesOf(query).join('\n')).toMatch(expected);
  });

  it('takes what its report knows, and no parameter of another', () => {
    expect(issuesOf({ ...range, by: 'agent' }).join()).toMatch(/^: unknown parameter by: known are from, to, /);
    expect(agentsQuery.safeParse({ ...range, attribution: 'arrival' }).error?.issues).toMatchObject([
      { path: ['attribution'], message: expect.stringMatching(/^must be clipped/) as string },
    ]);
    expect(contactsQuery.parse({ ...range, class: 'answered', channel: '' })).toMatchObject({ channel: '' });
    expect(contactsQuery.safeParse({ ...range, class: 'lost' }).error?.issues[0]?.message).toMatch(/^must be one of/);
    expect(windowsQuery.parse({ window: 'today,today,yesterday' }).window).toEqual(['today', 'yesterday']);
    expect(windowsQuery.safeParse({ window: 'tomorrow' }).success).toBe(false);
    expect(ledgerQuery.safeParse({ ...range, to: range.from }).error?.issues).toMatchObject([
      { path: ['to'], message: 'must be later than from' },
    ]);
  });

  it('of intervals may ask for larger pages than of anything else', () => {
    expect(intervalQuery.parse({ ...range, limit: '50000' }).limit).toBe(50_000);
    expect(ledgerQuery.safeParse({ ...range, limit: '10001' }).error?.issues).toMatchObject([
      { path: ['limit'], message: 'must be at most 10000' },
    ]);
  });

  it('what is no time is said to be that, and nothing else', () => {
    expect(issuesOf({ ...range, to: '2020' })).toHaveLength(1);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.anything(), (query) => void intervalQuery.safeParse(query)));
    const names = fc.constantFrom(...Object.keys(intervalQuery.shape));
    fc.assert(
      fc.property(names, fc.oneof(fc.string(), fc.array(fc.string())), (name, value) => {
        intervalQuery.safeParse({ ...range, [name]: value });
      }),
    );
  });
});
