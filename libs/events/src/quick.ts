import type { z } from 'zod';

/**
 * Validation for the many that are right. A schema answers every question and takes its time; nearly every event read is valid,
 * and can be seen to be so at a fraction of the cost. What is derived here accepts nothing that its schema would not, and
 * leaves everything else, all that is wrong included, to the schema.
 */

/** Whether a value certainly fulfils a schema. False says nothing. */
export type Surely = (value: unknown) => boolean;

const never: Surely = () => false;

const lengths = (checks: readonly z.core.$ZodCheck[]): { readonly least: number; readonly most: number } | null => {
  let [least, most] = [0, Infinity];
  for (const check of checks as readonly z.core.$ZodChecks[]) {
    const { def } = check._zod;
    if (def.check === 'min_length') least = Math.max(least, def.minimum);
    else if (def.check === 'max_length') most = Math.min(most, def.maximum);
    else return null;
  }
  return { least, most };
};

/** Formats that are nothing but their pattern. */
const PLAIN_FORMATS = new Set(['regex', 'datetime']);

const patternOf = (def: object): RegExp | null =>
  'format' in def && PLAIN_FORMATS.has(def.format as string) && 'pattern' in def && def.pattern instanceof RegExp
    ? def.pattern
    : null;

const surelyText = (def: z.core.$ZodStringDef): Surely => {
  const parts = [...('format' in def ? [def] : []), ...(def.checks ?? []).map((check) => check._zod.def)];
  const patterns = parts.map(patternOf).filter((pattern) => pattern !== null);
  const size = lengths((def.checks ?? []).filter((check) => patternOf(check._zod.def) === null));
  const isUnderstood = size !== null && !def.coerce && ('format' in def ? patternOf(def) !== null : true);
  if (!isUnderstood || patterns.some((pattern) => pattern.global || pattern.sticky)) return never;
  const [pattern] = patterns;
  if (pattern && patterns.length === 1 && size.least === 0 && size.most === Infinity)
    return (value) => typeof value === 'string' && pattern.test(value);
  return (value) =>
    typeof value === 'string' &&
    value.length >= size.least &&
    value.length <= size.most &&
    patterns.every((each) => each.test(value));
};

const surelyNumber = (def: z.core.$ZodNumberDef): Surely => {
  if (!('format' in def) || def.format !== 'safeint') return never;
  const bounds: ((value: number) => boolean)[] = [];
  for (const check of def.checks ?? []) {
    const bound = (check as unknown as z.core.$ZodChecks)._zod.def;
    if ((bound.check !== 'greater_than' && bound.check !== 'less_than') || typeof bound.value !== 'number')
      return never;
    const { value: limit, inclusive } = bound;
    const sign = bound.check === 'greater_than' ? 1 : -1;
    bounds.push((value) => sign * (value - limit) > 0 || (inclusive && value === limit));
  }
  return (value) => Number.isSafeInteger(value) && bounds.every((isWithin) => isWithin(value as number));
};

/** Derives a check from a schema; one that accepts nothing where the schema says more than is understood here. */
export const surely = (schema: z.core.$ZodType): Surely => {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'string':
      return surelyText(def);
    case 'enum': {
      const values = new Set<unknown>(Object.values(def.entries));
      return (value) => values.has(value);
    }
    case 'literal': {
      const values = new Set<unknown>(def.values);
      return (value) => values.has(value);
    }
    case 'number':
      return surelyNumber(def);
    case 'boolean':
      return def.checks?.length ? never : (value) => typeof value === 'boolean';
    case 'unknown':
      return () => true;
    case 'array': {
      const size = lengths(def.checks ?? []);
      const element = surely(def.element);
      if (!size) return never;
      return (value) =>
        Array.isArray(value) && value.length >= size.least && value.length <= size.most && value.every(element);
    }
    case 'optional': {
      const inner = surely(def.innerType);
      return (value) => value === undefined || inner(value);
    }
    default:
      return never;
  }
};

interface Field {
  readonly name: string;
  readonly check: Surely;
  readonly absent: 'refused' | 'left out' | { readonly defaultValue: unknown };
}

const fieldOf = (name: string, schema: z.core.$ZodType): Field => {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  // The default is a getter that gives a copy each time.
  if (def.type === 'default') return { name, check: surely(def.innerType), absent: def };
  if (def.type === 'optional') return { name, check: surely(def.innerType), absent: 'left out' };
  return { name, check: surely(schema), absent: 'refused' };
};

/** Reads an object as `schema` would: unknown fields left out, defaults filled in. Null where the schema must be asked. */
export const quickReader = (schema: z.ZodObject): ((value: unknown) => Record<string, unknown> | null) => {
  const { def } = schema;
  if (def.checks?.length || def.catchall) return () => null;
  const fields = Object.entries<z.core.$ZodType>(def.shape).map(([name, field]) => fieldOf(name, field));
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    const read: Record<string, unknown> = {};
    for (const { name, check, absent } of fields) {
      const given = (value as Record<string, unknown>)[name];
      if (given !== undefined) {
        if (!check(given)) return null;
        read[name] = given;
      } else if (absent === 'refused') return null;
      else if (absent !== 'left out') read[name] = absent.defaultValue;
    }
    return read;
  };
};
