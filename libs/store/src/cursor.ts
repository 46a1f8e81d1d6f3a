import { z } from 'zod';
import { InvalidReportError } from './errors.js';

/** The last row of a page: the next page begins after it. */
export interface IntervalCursor {
  readonly startSecond: number;
  readonly site: string;
  readonly queue: string;
  readonly channel: string;
}

const schema = z.tuple([z.int().min(0), z.string(), z.string(), z.string()]);

export const encodeCursor = ({ startSecond, site, queue, channel }: IntervalCursor): string =>
  Buffer.from(JSON.stringify([startSecond, site, queue, channel])).toString('base64url');

/** @throws InvalidReportError for anything that {@link encodeCursor} did not make */
export const decodeCursor = (cursor: string): IntervalCursor => {
  const refused = new InvalidReportError('cursor: is not one that this API gave; start again without it');
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw refused;
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw refused;
  const [startSecond, site, queue, channel] = parsed.data;
  return { startSecond, site, queue, channel };
};
