/**
 * State as bytes: a graph of plain objects, maps, sets, arrays, typed arrays and instances of named classes, written as
 * one JSON text behind which the typed arrays lie as they are in memory. Functions are left out; nothing may be referred
 * to twice.
 */
const MAGIC = 0x51435745; // 'QCWE'
const HEADER = 12;
const ALIGNMENT = 8;

const TYPED = { Float64Array, Float32Array, Int8Array, Uint8Array, Uint16Array, Uint32Array, Int32Array } as const;
type TypedName = keyof typeof TYPED;
type Typed = InstanceType<(typeof TYPED)[TypedName]>;

/** Classes by the name that a snapshot knows them by. */
export type Classes = Readonly<Record<string, { readonly prototype: object }>>;

type Encoded =
  | number
  | string
  | boolean
  | null
  | readonly ['plain' | 'number', unknown]
  | readonly ['list' | 'set', readonly Encoded[]]
  | readonly ['map', readonly (readonly [Encoded, Encoded])[]]
  | readonly ['class', string, Readonly<Record<string, Encoded>>]
  | readonly ['typed', TypedName, number, number]
  | readonly ['hole'];

const aligned = (length: number): number => Math.ceil(length / ALIGNMENT) * ALIGNMENT;

/**
 * @param version of what is in the state: {@link restoredFrom} takes no other
 * @throws TypeError on an instance of a class that is not in `classes`
 */
export const snapshotOf = (state: unknown, classes: Classes, version: number): Uint8Array<ArrayBuffer> => {
  const names = new Map(Object.entries(classes).map(([name, { prototype }]) => [prototype, name]));
  const arrays: Typed[] = [];
  let length = 0;
  const fields = (value: object): Record<string, Encoded> => {
    const encoded: Record<string, Encoded> = {};
    for (const [name, field] of Object.entries(value)) if (typeof field !== 'function') encoded[name] = encode(field);
    return encoded;
  };
  const encode = (value: unknown): Encoded => {
    if (value === undefined) return ['hole'];
    if (typeof value === 'number') return Number.isFinite(value) ? value : ['number', String(value)];
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (Array.isArray(value)) return ['list', Array.from(value, encode)];
    if (value instanceof Map) return ['map', Array.from(value, ([key, each]) => [encode(key), encode(each)] as const)];
    if (value instanceof Set) return ['set', Array.from(value, encode)];
    const prototype = Object.getPrototypeOf(value) as object;
    const typed = (Object.keys(TYPED) as TypedName[]).find((name) => TYPED[name].prototype === prototype);
    if (typed) {
      const array = value as Typed;
      const offset = length;
      arrays.push(array);
      length += aligned(array.byteLength);
      return ['typed', typed, offset, array.length];
    }
    if (prototype === Object.prototype) return ['plain', fields(value)];
    const name = names.get(prototype);
    if (name === undefined) throw new TypeError(`a snapshot knows no class ${prototype.constructor.name}`);
    return ['class', name, fields(value)];
  };
  const text = new TextEncoder().encode(JSON.stringify(encode(state)));
  const begin = aligned(HEADER + text.length);
  const bytes = new Uint8Array(begin + length);
  new Uint32Array(bytes.buffer, 0, 3).set([MAGIC, version, text.length]);
  bytes.set(text, HEADER);
  let offset = begin;
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset);
    offset += aligned(array.byteLength);
  }
  return bytes;
};

/**
 * The state of a snapshot; null when it is none, or of another version, or damaged: also if it holds a number that is none,
 * which would spoil every other sooner or later.
 */
export const restoredFrom = (snapshot: Uint8Array, classes: Classes, version: number): unknown => {
  // A Buffer's own slice is a view, and need not begin where typed arrays may.
  const bytes = Uint8Array.prototype.slice.call(snapshot);
  if (bytes.length < HEADER) return null;
  const [magic, written, textLength] = new Uint32Array(bytes.buffer, 0, 3);
  if (magic !== MAGIC || written !== version || textLength === undefined) return null;
  const begin = aligned(HEADER + textLength);
  const decodeFields = (target: object, encoded: Readonly<Record<string, Encoded>>): object => {
    for (const [name, field] of Object.entries(encoded)) Object.assign(target, { [name]: decode(field) });
    return target;
  };
  const decode = (encoded: Encoded): unknown => {
    if (encoded === null || typeof encoded !== 'object') return encoded;
    switch (encoded[0]) {
      case 'hole':
        return undefined;
      case 'number':
        if (encoded[1] === 'NaN') throw new RangeError('a number that is none');
        return Number(encoded[1]);
      case 'plain':
        return decodeFields({}, encoded[1] as Record<string, Encoded>);
      case 'list':
        return encoded[1].map(decode);
      case 'set':
        return new Set(encoded[1].map(decode));
      case 'map':
        return new Map(encoded[1].map(([key, value]) => [decode(key), decode(value)]));
      case 'typed': {
        const [, name, offset, length] = encoded;
        const array = new TYPED[name](bytes.buffer, begin + offset, length).slice();
        if (!array.every(Number.isFinite)) throw new RangeError('a number that is none');
        return array;
      }
      case 'class': {
        const of = classes[encoded[1]];
        if (!of) throw new RangeError(`no class ${encoded[1]}`);
        return decodeFields(Object.create(of.prototype) as object, encoded[2]);
      }
    }
  };
  try {
    return decode(JSON.parse(new TextDecoder().decode(bytes.subarray(HEADER, HEADER + textLength))) as Encoded);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError || error instanceof TypeError) return null;
    throw error;
  }
};
