import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENT_TYPES, subjectOf, type EventType } from './data.js';
import { decodeEvent, DEFAULT_LIMITS, parseEvent, partitionKey, type ParsedEvent } from './envelope.js';
import { instant } from './ids.js';
import { eventOf, fullData, NOW } from './samples.testing.js';

const bytes = (value: unknown): Uint8Array => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const queued = { queue: 'sales', leg: '1' };
const issues = (parsed: ParsedEvent): string[] =>
  parsed.kind === 'invalid' ? parsed.issues.map(({ field, message }) => `${field}: ${message}`) : [parsed.kind];
const withChange = (change: Record<string, unknown>) =>
  issues(parseEvent({ ...eventOf('acd.contact.queued', queued), ...change }, NOW));

describe('an event of the contract', () => {
  it.each(EVENT_TYPES)('%s is read with all its fields', (type) => {
    const parsed = parseEvent(eventOf(type, fullData[type]), NOW);
    expect(parsed).toEqual({
      kind: 'event',
      event: {
        type,
        id: `${type}-1`,
        source: 'pbx/one',
        at: Date.UTC(2026, 2, 1, 9, 29, 59, 123),
        tenant: 'acme',
        site: 'main',
        subject: 'c1',
        data: fullData[type],
      },
    });
  });

  const required: [EventType, string][] = EVENT_TYPES.flatMap((type) =>
    Object.keys(fullData[type])
      .filter((field) => {
        const { [field]: _left, ...rest } = fullData[type];
        return parseEvent(eventOf(type, rest), NOW).kind === 'invalid';
      })
      .map((field): [EventType, string] => [type, field]),
  );

  it('needs its required fields', () => {
    expect(required).toContainEqual(['acd.contact.queued', 'queue']);
    expect(required).toContainEqual(['acd.contact.answered', 'agent']);
    expect(required).not.toContainEqual(['acd.contact.queued', 'priority']);
  });

  it.each(required)('%s without %s is refused by the name of the field', (type, field) => {
    const { [field]: _left, ...rest } = fullData[type];
    expect(issues(parseEvent(eventOf(type, rest), NOW))).toEqual([expect.stringMatching(`^data\\.${field}: .`)]);
  });

  const fields: [EventType, string][] = EVENT_TYPES.flatMap((type) =>
    Object.keys(fullData[type]).map((field): [EventType, string] => [type, field]),
  );
  it.each(fields)('%s with a wrong %s is refused by the name of the field', (type, field) => {
    const wrong = { ...fullData[type], [field]: Symbol('of no JSON type') };
    expect(issues(parseEvent(eventOf(type, wrong), NOW))).toEqual([expect.stringMatching(`^data\\.${field}: .`)]);
  });

  it('gets the defaults of what it leaves out', () => {
    const parsed = parseEvent(eventOf('acd.contact.queued', queued), NOW);
    expect(parsed).toMatchObject({ event: { data: { ...queued, priority: 0, skills: [], internal: false } } });
  });

  it('may leave out data that has no required field', () => {
    const { data: _none, ...heartbeat } = eventOf('acd.source.heartbeat', {});
    expect(parseEvent(heartbeat, NOW)).toMatchObject({ kind: 'event', event: { data: {} } });
  });

  it('needs a subject where it is about a contact or an agent', () => {
    for (const type of EVENT_TYPES) {
      const { subject: _none, ...event } = eventOf(type, fullData[type]);
      const wanted = subjectOf(type);
      expect(issues(parseEvent(event, NOW))).toEqual(
        wanted === 'none' ? ['event'] : [`subject: subject must be the ${wanted} id for ${type}`],
      );
    }
  });

  it('has a score within its scale', () => {
    expect(issues(parseEvent(eventOf('acd.survey.answered', { score: 11, scale: 10 }), NOW))).toEqual([
      'data.score: score must not exceed scale',
    ]);
  });

  it('names the entry of a list that is wrong', () => {
    const waiting = [{ contact: 'c1', leg: '1', queue: 'sales', queuedAt: 'yesterday' }];
    expect(issues(parseEvent(eventOf('acd.source.snapshot', { waiting, agents: [] }), NOW))).toEqual([
      expect.stringMatching(/^data\.waiting\.0\.queuedAt: must be an RFC 3339 time with a zone/),
    ]);
  });
});

describe('the envelope', () => {
  it('refuses what is not an object', () => {
    for (const value of [null, 1, 'x', true, [], [eventOf('acd.contact.queued', queued)]])
      expect(issues(parseEvent(value, NOW))[0]).toMatch(/^: an event must be a JSON object/);
  });

  it('names every attribute that is missing, at once', () => {
    expect(issues(parseEvent({}, NOW)).map((line) => line.split(':')[0])).toEqual([
      'specversion',
      'id',
      'source',
      'type',
      'time',
      'tenant',
      'site',
    ]);
  });

  it.each([
    ['specversion', '0.3', 'specversion must be "1.0"'],
    ['id', '', 'id must have 1 to 256 characters'],
    ['id', 'x'.repeat(257), 'id must have 1 to 256 characters'],
    ['id', 7, 'id must be a string'],
    ['id', 'a\u0000b', 'none of them control characters'],
    ['id', 'a\ud800b', 'none of them control characters'],
    ['source', 'x'.repeat(513), 'source must have 1 to 512 characters'],
    ['subject', 'a\nb', 'none of them control characters'],
    ['tenant', 'Acme & Sons', 'tenant must have 1 to 64 letters, digits'],
    ['tenant', 'acme/main', 'tenant must have 1 to 64 letters, digits'],
    ['site', '', 'site must have 1 to 64 letters, digits'],
    ['site', '../etc', 'site must have 1 to 64 letters, digits'],
    ['time', '2026-03-01T09:30:00', 'time must be RFC 3339 with a zone'],
    ['time', '2026-02-30T09:30:00Z', 'time must be RFC 3339 with a zone'],
    ['time', '2026-03-01T09:30:00+99:00', 'time must be RFC 3339 with a zone'],
    ['time', 1772357400000, 'time must be RFC 3339 with a zone'],
    ['time', '1969-12-31T23:59:59Z', "time is before 1970: set the ACD's clock"],
  ])('refuses %s of %j', (field, value, message) => {
    expect(withChange({ [field]: value })).toEqual([expect.stringContaining(`${field}: `)]);
    expect(withChange({ [field]: value })[0]).toContain(message);
  });

  it('takes an identifier of 256 characters, whatever script it is in', () => {
    expect(withChange({ id: '呼'.repeat(256), subject: '🦊'.repeat(256) })).toEqual(['event']);
  });

  it('takes a time up to the allowed skew ahead of the clock, and not a millisecond more', () => {
    const ahead = (ms: number) => withChange({ time: new Date(NOW + ms).toISOString() });
    expect(ahead(DEFAULT_LIMITS.maxFutureSkewMs)).toEqual(['event']);
    expect(ahead(DEFAULT_LIMITS.maxFutureSkewMs + 1)).toEqual([
      "time: time is 300 s ahead of this server's clock (at most 300 s): set the ACD's clock",
    ]);
  });

  it('takes an event however old it is', () => {
    expect(withChange({ time: '1999-03-01T09:30:00Z' })).toEqual(['event']);
  });

  it('lets other attributes be', () => {
    expect(withChange({ traceparent: '00-0af7', datacontenttype: 'application/json' })).toEqual(['event']);
  });

  it('says that binary data is not read', () => {
    const { data: _none, ...event } = eventOf('acd.contact.queued', undefined);
    expect(issues(parseEvent({ ...event, data_base64: 'e30=' }, NOW))).toEqual([
      'data_base64: data_base64 is not read: send the data of acd.contact.queued as JSON in data',
    ]);
  });

  it('keeps an event of an unknown type as foreign, whatever its data', () => {
    expect(parseEvent(eventOf('org.example.other', [1]), NOW)).toMatchObject({
      kind: 'foreign',
      event: { type: 'org.example.other', data: [1], foreign: true },
    });
    expect(parseEvent(eventOf('toString', {}), NOW).kind).toBe('foreign');
    expect(parseEvent(eventOf('__proto__', {}), NOW).kind).toBe('foreign');
  });

  it('is keyed by tenant and site, and no two sites share a key', () => {
    expect(partitionKey({ tenant: 'acme', site: 'main' })).toBe('acme/main');
  });
});

describe('the bytes of an event', () => {
  it('are read as their JSON is', () => {
    const event = eventOf('acd.contact.queued', queued);
    expect(decodeEvent(bytes(event), NOW)).toEqual({ ...parseEvent(event, NOW), body: JSON.stringify(event) });
  });

  it('may be a view into a larger buffer', () => {
    const json = JSON.stringify(eventOf('acd.contact.queued', queued));
    const larger = Buffer.from(`xx${json}yy`);
    expect(decodeEvent(new Uint8Array(larger.buffer, larger.byteOffset + 2, json.length), NOW).kind).toBe('event');
  });

  it('are refused above the limit, and taken at it', () => {
    const base = JSON.stringify(eventOf('acd.source.heartbeat', { pad: '' })).length;
    const padded = (length: number) => bytes(eventOf('acd.source.heartbeat', { pad: 'x'.repeat(length - base) }));
    expect(decodeEvent(padded(DEFAULT_LIMITS.maxEventBytes), NOW).kind).toBe('event');
    expect(issues(decodeEvent(padded(DEFAULT_LIMITS.maxEventBytes + 1), NOW))).toEqual([
      ': the event has 65537 bytes (at most 65536): shorten its data',
    ]);
  });

  it('are refused if they are not JSON, or not UTF-8', () => {
    expect(issues(decodeEvent(bytes('{"id":'), NOW))[0]).toMatch(/^: the event is not JSON: ./);
    expect(issues(decodeEvent(new Uint8Array(), NOW))[0]).toMatch(/^: the event is not JSON: ./);
    expect(issues(decodeEvent(Uint8Array.of(0x22, 0xc3, 0x28, 0x22), NOW))).toEqual([
      ': the event is not UTF-8: send JSON in UTF-8',
    ]);
  });
});

describe('whatever is sent', () => {
  it('no value makes the parser throw, and a refusal says why', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withSparseArray: true }), (value) => {
        const parsed = parseEvent(value, NOW);
        expect(parsed.kind).toBe('invalid');
        for (const line of issues(parsed)) expect(line).toMatch(/: ./);
      }),
    );
  });

  it('no bytes make the decoder throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(bytes)), (value) => {
        expect(decodeEvent(value, NOW).kind).toBe('invalid');
      }),
    );
  });

  it('a change to any one field of a valid event is either taken or refused at that field', () => {
    const types = fc.constantFrom(...EVENT_TYPES);
    fc.assert(
      fc.property(types, fc.nat(), fc.anything(), (type, pick, value) => {
        const names = Object.keys(fullData[type]);
        fc.pre(names.length > 0);
        const field = names[pick % names.length]!;
        const parsed = parseEvent(eventOf(type, { ...fullData[type], [field]: value }), NOW);
        // A score is judged against its scale, so that either may be named.
        const blamed = type === 'acd.survey.answered' ? 'data\\.' : `data\\.${field}(\\.|:)`;
        for (const line of issues(parsed)) expect(line).toMatch(new RegExp(`^(event$|${blamed})`));
      }),
      { numRuns: 500 },
    );
  });

  it('an instant is read the same from every zone it can be written in', () => {
    const moments = fc.integer({ min: 0, max: NOW }).map(instant);
    const offsets = fc.integer({ min: -23 * 60, max: 23 * 60 });
    fc.assert(
      fc.property(moments, offsets, (at, minutes) => {
        const local = new Date(at + minutes * 60_000).toISOString().slice(0, -1);
        fc.pre(!local.startsWith('-'));
        const sign = minutes < 0 ? '-' : '+';
        const two = (value: number) => String(value).padStart(2, '0');
        const zone = `${sign}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
        const parsed = parseEvent({ ...eventOf('acd.source.heartbeat', {}), time: `${local}${zone}` }, NOW);
        expect(parsed).toMatchObject({ event: { at } });
      }),
    );
  });
});
