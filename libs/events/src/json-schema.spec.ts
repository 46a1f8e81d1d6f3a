import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { EVENT_TYPES, type EventType } from './data.js';
import { parseEvent } from './envelope.js';
import { contractJsonSchema, dataJsonSchema, envelopeJsonSchema, EVENT_MEANINGS } from './json-schema.js';
import { eventOf, fullData, NOW } from './samples.testing.js';

type Dialect = Parameters<typeof z.fromJSONSchema>[0];
const validators = new Map(EVENT_TYPES.map((type) => [type, z.fromJSONSchema(dataJsonSchema(type) as Dialect)]));
const fits = (type: EventType, data: unknown) => validators.get(type)!.safeParse(data).success;

describe('the JSON Schema of the contract', () => {
  it('has every type once, and a meaning for each', () => {
    const { oneOf, $defs } = contractJsonSchema();
    expect(oneOf).toEqual(EVENT_TYPES.map((type) => ({ $ref: `#/$defs/${type}` })));
    expect(Object.keys($defs as object)).toEqual(['envelope', ...EVENT_TYPES]);
    for (const type of EVENT_TYPES) expect(EVENT_MEANINGS[type]).toMatch(/\.$/);
  });

  it('requires of the envelope what the parser requires', () => {
    expect(envelopeJsonSchema().required).toEqual(['specversion', 'id', 'source', 'type', 'time', 'tenant', 'site']);
  });

  it('refers to nothing that is not there', () => {
    const contract = contractJsonSchema();
    const references = [...JSON.stringify(contract).matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)].map(
      (match) => match[1]!,
    );
    const names = Object.keys(contract['$defs'] as object);
    expect(references.length).toBeGreaterThan(EVENT_TYPES.length);
    for (const name of references) expect(names).toContain(name);
  });

  it.each(EVENT_TYPES)('takes the data of %s', (type) => {
    expect(fits(type, fullData[type])).toBe(true);
  });

  it('agrees with the parser on data with one field changed or missing', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...EVENT_TYPES.filter((type) => type !== 'acd.survey.answered')),
        fc.nat(),
        fc.jsonValue({ maxDepth: 2 }),
        fc.boolean(),
        (type, pick, value, drop) => {
          const names = Object.keys(fullData[type]);
          fc.pre(names.length > 0);
          const { [names[pick % names.length]!]: _old, ...rest } = fullData[type];
          const data = drop ? rest : { ...rest, [names[pick % names.length]!]: value };
          expect(fits(type, data)).toBe(parseEvent(eventOf(type, data), NOW).kind === 'event');
        },
      ),
      { numRuns: 500 },
    );
  });
});
