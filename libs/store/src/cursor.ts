import { z } from 'zod';
import { PageCursor } from './page-cursor.js';

/** The last row of a page: the next page begins after it. */
export interface IntervalCursor {
  readonly startSecond: number;
  readonly site: string;
  readonly queue: string;
  readonly channel: string;
}

const cursor = new PageCursor(z.tuple([z.int().min(0), z.string(), z.string(), z.string()]));

export const encodeCursor = ({ startSecond, site, queue, channel }: IntervalCursor): string =>
  cursor.encode([startSecond, site, queue, channel]);

/** @throws InvalidReportError for anything that {@link encodeCursor} did not make */
export const decodeCursor = (text: string): IntervalCursor => {
  const [startSecond, site, queue, channel] = cursor.decode(text);
  return { startSecond, site, queue, channel };
};
