/** How the events stand in a request body. */
export type Framing = 'json' | 'ndjson';

/** One event of a body: its raw bytes, and its line where lines count. */
export interface FramedEvent {
  readonly bytes: Buffer;
  /** 1-based line; null where the body is not line by line. */
  readonly line: number | null;
}

/** The body is not a JSON array (or object) at byte `position`: no event of it can be told from the next. */
export class FramingError extends Error {
  override readonly name = 'FramingError';
  constructor(
    readonly position: number,
    message: string,
  ) {
    super(`${message} (byte ${position})`);
  }
}

const enum Byte {
  Newline = 0x0a,
  Return = 0x0d,
  Quote = 0x22,
  Comma = 0x2c,
  OpenBracket = 0x5b,
  Backslash = 0x5c,
  CloseBracket = 0x5d,
  OpenBrace = 0x7b,
  CloseBrace = 0x7d,
}

const isSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === Byte.Newline || byte === Byte.Return || byte === 0x09;

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

const withoutMark = (body: Buffer): Buffer => (body.subarray(0, 3).equals(BYTE_ORDER_MARK) ? body.subarray(3) : body);

/**
 * The events of a body, one after the other, as slices of it: what is appended is what was sent. They are found lazily, so
 * that a caller may pause between two of them.
 *
 * @throws FramingError from the iteration, for a JSON array whose elements cannot be told apart
 */
export const framed = (body: Buffer, framing: Framing): Iterable<FramedEvent> =>
  framing === 'ndjson' ? lines(withoutMark(body)) : elements(withoutMark(body));

function* lines(body: Buffer): Generator<FramedEvent> {
  let start = 0;
  for (let line = 1; start < body.length; line++) {
    const newline = body.indexOf(Byte.Newline, start);
    const end = newline < 0 ? body.length : newline;
    const bytes = trimmed(body, start, end);
    start = end + 1;
    if (bytes.length > 0) yield { bytes, line };
  }
}

const trimmed = (body: Buffer, from: number, to: number): Buffer => {
  let start = from;
  let end = to;
  while (start < end && isSpace(body[start])) start++;
  while (end > start && isSpace(body[end - 1])) end--;
  return body.subarray(start, end);
};

function* elements(body: Buffer): Generator<FramedEvent> {
  const whole = trimmed(body, 0, body.length);
  if (whole.length === 0) return;
  if (whole[0] !== Byte.OpenBracket) {
    yield { bytes: whole, line: null };
    return;
  }
  let at = skipSpace(whole, 1);
  if (whole[at] === Byte.CloseBracket) return expectEnd(whole, at + 1);
  for (;;) {
    const end = endOfValue(whole, at);
    yield { bytes: whole.subarray(at, end), line: null };
    at = skipSpace(whole, end);
    if (whole[at] === Byte.CloseBracket) return expectEnd(whole, at + 1);
    if (whole[at] !== Byte.Comma) throw new FramingError(at, 'expected a comma or the end of the array');
    at = skipSpace(whole, at + 1);
  }
}

const expectEnd = (body: Buffer, from: number): void => {
  const at = skipSpace(body, from);
  if (at < body.length) throw new FramingError(at, 'expected nothing after the end of the array');
};

const skipSpace = (body: Buffer, from: number): number => {
  let at = from;
  while (at < body.length && isSpace(body[at])) at++;
  return at;
};

/** Where the value that starts at `from` ends: brackets balance outside strings. Whether it is JSON is for the parser to say. */
const endOfValue = (body: Buffer, from: number): number => {
  let depth = 0;
  for (let at = from; at < body.length; at++) {
    switch (body[at]) {
      case Byte.Quote:
        at = endOfString(body, at);
        break;
      case Byte.OpenBrace:
      case Byte.OpenBracket:
        depth++;
        break;
      case Byte.CloseBrace:
      case Byte.CloseBracket:
        if (depth === 0) return valueUpTo(from, at);
        if (--depth === 0) return at + 1;
        break;
      case Byte.Comma:
        if (depth === 0) return valueUpTo(from, at);
        break;
      default:
    }
  }
  throw new FramingError(body.length, 'the array does not end');
};

const valueUpTo = (from: number, end: number): number => {
  if (end === from) throw new FramingError(from, 'expected an event');
  return end;
};

const endOfString = (body: Buffer, quote: number): number => {
  for (let at = quote + 1; at < body.length; at++) {
    if (body[at] === Byte.Backslash) at++;
    else if (body[at] === Byte.Quote) return at;
  }
  throw new FramingError(quote, 'a string does not end');
};
