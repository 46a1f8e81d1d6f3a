import { describe, expect, it } from 'vitest';
import { ZoneClock } from '../local-time.js';
import { CallReader, type ReadRow } from './calls.js';
import { mappingSchema } from './mapping.js';

const HEADER = ['received', 'queue', 'agent', 'answered', 'consult', 'transfer', 'hangup'];
const mapping = mappingSchema.parse({
  name: 'test',
  timeZone: 'Europe/Amsterdam',
  nullMarker: 'NULL',
  columns: Object.fromEntries(HEADER.map((name) => [name, name])),
  queues: { '30175': 'sales' },
});
const zone = new ZoneClock(mapping.timeZone);

const read = (row: string): ReadRow => new CallReader(mapping, zone, HEADER).read(row.split(','), 7);
const reason = (row: string): string => {
  const result = read(row);
  return result.kind === 'bad' ? result.reason : `not bad: ${JSON.stringify(result)}`;
};
const day = '2014-03-03';

describe('a row becomes a call', () => {
  it('with its times as instants, its queue by name, and its line', () => {
    expect(
      read(`${day} 08:00:10,30175,6989,${day} 08:00:11,${day} 08:01:00,${day} 08:02:00,${day} 08:03:58`),
    ).toMatchObject({
      kind: 'call',
      oddities: [],
      call: {
        line: 7,
        queue: 'sales',
        channel: 'voice',
        agent: '6989',
        received: Date.parse('2014-03-03T07:00:10Z'),
        answered: Date.parse('2014-03-03T07:00:11Z'),
        transfer: Date.parse('2014-03-03T07:02:00Z'),
        hangup: Date.parse('2014-03-03T07:03:58Z'),
      },
    });
  });

  it('abandoned, also where an agent is named whose phone was ringing', () => {
    expect(read(`${day} 08:00:10,30181,9424,NULL,NULL,NULL,${day} 08:00:15`)).toMatchObject({
      kind: 'call',
      oddities: ['agent_without_answer'],
      call: { queue: '30181', agent: null, answered: null },
    });
  });

  it('that never ends where the hangup is missing', () => {
    expect(read(`${day} 11:32:57,30181,8594,${day} 11:37:07,NULL,${day} 11:40:17,NULL`)).toMatchObject({
      kind: 'call',
      oddities: ['no_hangup'],
      call: { hangup: null },
    });
  });

  it('in the first pass of the repeated hour, unless it would run backwards', () => {
    const result = read('2014-10-26 02:50:00,1,5,2014-10-26 02:55:00,NULL,NULL,2014-10-26 02:05:00');
    expect(result).toMatchObject({
      kind: 'call',
      oddities: ['repeated_hour'],
      call: {
        received: Date.parse('2014-10-26T00:50:00Z'),
        answered: Date.parse('2014-10-26T00:55:00Z'),
        hangup: Date.parse('2014-10-26T01:05:00Z'),
      },
    });
  });
});

describe('a bad row says why', () => {
  it.each([
    [`${day} 08:00:10,1,2,NULL`, /4 cells where the header has 7/],
    [`NULL,1,NULL,NULL,NULL,NULL,${day} 08:00:00`, /received is missing/],
    [`${day} 08:00:10,NULL,NULL,NULL,NULL,NULL,${day} 08:00:12`, /queue is missing/],
    [`${day} 8:00,1,NULL,NULL,NULL,NULL,${day} 08:00:12`, /received: "2014-03-03 8:00" does not read like yyyy-MM-dd/],
    [`2014-02-30 08:00:10,1,NULL,NULL,NULL,NULL,${day} 08:00:12`, /no date and time of the calendar/],
    [`${day} 24:00:10,1,NULL,NULL,NULL,NULL,${day} 08:00:12`, /no date and time of the calendar/],
    ['2014-03-30 02:30:00,1,NULL,NULL,NULL,NULL,2014-03-30 03:30:00', /does not exist in Europe\/Amsterdam/],
    [`${day} 08:00:10,1,NULL,NULL,NULL,NULL,NULL`, /neither answered nor hangup/],
    [`${day} 08:00:10,1,NULL,${day} 08:00:12,NULL,NULL,${day} 08:01:00`, /answered without an agent/],
    [`${day} 08:00:10,1,2,${day} 08:00:05,NULL,NULL,${day} 08:01:00`, /answered is 5 s before received/],
    [`${day} 08:00:10,1,2,${day} 08:00:12,NULL,NULL,${day} 08:00:11`, /hangup is 1 s before answered/],
    [`${day} 08:00:10,1,2,${day} 08:00:12,NULL,${day} 08:00:11,${day} 08:01:00`, /transfer is 1 s before answered/],
    [`${day} 08:00:10,1,2,NULL,NULL,${day} 08:00:11,${day} 08:01:00`, /transfer without answered/],
    [`${day} 08:00:10,1,NULL,NULL,NULL,NULL,${day} 08:00:05`, /hangup is 5 s before received/],
    [`${day} 08:00:10,${'q'.repeat(300)},NULL,NULL,NULL,NULL,${day} 08:00:15`, /queue has more than 256/],
    [`${day} 08:00:10,a\u0007b,NULL,NULL,NULL,NULL,${day} 08:00:15`, /queue has control characters/],
  ])('%s', (row, expected) => {
    expect(reason(row)).toMatch(expected);
  });
});

describe('other files', () => {
  it('may say the channel in a column, and the time in other forms', () => {
    const other = mappingSchema.parse({
      name: 'other',
      timeZone: 'UTC',
      timeFormat: 'epoch_seconds',
      channel: { column: 'medium', values: { tel: 'voice', web: 'chat' } },
      columns: { received: 'at', queue: 'q', hangup: 'end' },
    });
    const reader = new CallReader(other, new ZoneClock('UTC'), ['at', 'q', 'medium', 'end']);
    expect(reader.read(['1393833610', 'x', 'web', '1393833620.5'], 2)).toMatchObject({
      kind: 'call',
      call: { channel: 'chat', received: 1393833610000, hangup: 1393833620500 },
    });
    expect(reader.read(['1393833610', 'x', 'fax', '1393833620'], 3)).toMatchObject({
      kind: 'bad',
      reason: expect.stringMatching(/medium is "fax", which the mapping's channel.values does not list/) as string,
    });
    const iso = new CallReader({ ...other, timeFormat: 'iso' }, new ZoneClock('UTC'), ['at', 'q', 'medium', 'end']);
    expect(iso.read(['2014-03-03T08:00:10+01:00', 'x', 'tel', '2014-03-03T07:00:20Z'], 2)).toMatchObject({
      call: { received: Date.parse('2014-03-03T07:00:10Z') },
    });
    expect(iso.read(['2014-03-03 08:00:10', 'x', 'tel', ''], 2)).toMatchObject({
      kind: 'bad',
      reason: expect.stringMatching(/is not an ISO 8601 time with a zone/) as string,
    });
  });

  it('are refused when a column of the mapping is not there, or the format cannot be read', () => {
    expect(() => new CallReader(mapping, zone, ['received', 'queue'])).toThrow(
      /columns.agent of the mapping names the column "agent", but the file has "received", "queue"/,
    );
    expect(() => new CallReader({ ...mapping, timeFormat: 'dd/MM' }, zone, HEADER)).toThrow(/lacks yyyy, HH, mm/);
  });
});
