import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { EVENT_TYPES, eventData, type EventType } from './data.js';
import { quickReader, surely } from './quick.js';
import { fullData } from './samples.testing.js';

/** What senders get wrong, and what is right in an unusual way. */
const odd = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ minLength: 255, maxLength: 260 }),
  fc.integer({ min: -1100, max: 1100 }),
  fc.double(),
  fc.boolean(),
  fc.constantFrom(
    null,
    '',
    '\ud800',
    'inbound',
    'voice',
    'available',
    'é',
    '2026-02-30T10:00:00Z',
    '2026-02-28T10:00:00Z',
  ),
  fc.array(fc.string({ maxLength: 3 }), { maxLength: 70 }),
  fc.constant({ en: 'text' }),
);

interface Change {
  readonly field: number;
  readonly value: unknown;
  readonly extra: boolean;
  readonly leaveOut: number;
}

describe('the quick reader', () => {
  const readers = new Map(EVENT_TYPES.map((type) => [type, quickReader(eventData[type])]));
  const change: fc.Arbitrary<Change> = fc.record({
    field: fc.nat(),
    value: odd,
    extra: fc.boolean(),
    leaveOut: fc.nat(8),
  });

  const changed = (type: EventType, { field, value, extra, leaveOut }: Change) => {
    const data: Record<string, unknown> = { ...fullData[type] };
    const names = Object.keys(data);
    const name = names[field % (names.length || 1)];
    if (name !== undefined) data[name] = value;
    const without = names[leaveOut];
    if (without !== undefined) delete data[without];
    return extra ? { ...data, more: 1 } : data;
  };

  it.each(EVENT_TYPES)('%s: reads as the schema does, or leaves it to the schema', (type) => {
    fc.assert(
      fc.property(change, (how) => {
        const data = changed(type, how);
        const read = readers.get(type)?.(data) ?? null;
        if (read !== null) expect({ success: true, data: read }).toEqual(eventData[type].safeParse(data));
      }),
      { numRuns: 300 },
    );
  });

  it('takes what every contact and every agent sends', () => {
    const often: EventType[] = [
      'acd.contact.started',
      'acd.contact.queued',
      'acd.contact.answered',
      'acd.contact.ended',
    ];
    for (const type of [...often, 'acd.agent.state_changed'] as const)
      expect(readers.get(type)?.(fullData[type])).toEqual(fullData[type]);
  });

  it('gives every reading a default of its own', () => {
    const read = () => readers.get('acd.contact.queued')?.({ queue: 'q', leg: 'l' });
    expect(read()).toEqual({ queue: 'q', leg: 'l', priority: 0, skills: [], internal: false });
    expect(read()?.['skills']).not.toBe(read()?.['skills']);
  });

  it('leaves to the schema what it does not understand', () => {
    expect(quickReader(z.object({ a: z.string() }).refine(() => false))({ a: '' })).toBeNull();
    expect(quickReader(z.strictObject({ a: z.string() }))({ a: '' })).toBeNull();
    expect(quickReader(z.object({ a: z.string().trim() }))({ a: ' ' })).toBeNull();
    expect(quickReader(z.object({ a: z.string().transform(Number) }))({ a: '1' })).toBeNull();
    for (const schema of [z.number(), z.int().multipleOf(2), z.email(), z.date(), z.record(z.string(), z.string())])
      expect([2, 'a@b.example', new Date(0), {}].some(surely(schema))).toBe(false);
  });
});
