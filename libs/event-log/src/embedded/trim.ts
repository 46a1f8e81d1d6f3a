import type { EmbeddedTopic } from './topic.js';

/** How long and how much a topic keeps. */
export interface Retention {
  readonly ageMs: number;
  readonly bytes: number;
  /** Past this size even records that a known group has not committed are removed, so that the disk does not fill. */
  readonly hardBytes: number;
}

export interface Trimmed {
  readonly removed: number;
  /** Of those, records that some known group had not committed yet. */
  readonly uncommitted: number;
}

/** Removals in one transaction: bounds how long an append waits behind trimming. */
const REMOVALS_PER_COMMIT = 5_000;

/**
 * Removes what is older than the retention or too much, oldest first over all partitions. What a known group has not
 * committed stays, unless the topic is past its hard bound. The last record of a partition always stays: it carries
 * the offset and the running total.
 */
export const trim = async (topic: EmbeddedTopic, retention: Retention, now: number): Promise<Trimmed> => {
  const partitions = Array.from({ length: topic.meta.partitions }, (_, partition) => rangeOf(topic, partition));
  const soft = Math.max(now - retention.ageMs, timeThatLeaves(partitions, retention.bytes));
  const hard = timeThatLeaves(partitions, retention.hardBytes);
  let removed = 0;
  let uncommitted = 0;
  for (const range of partitions) {
    const kept = topic.lowestCommitted(range.partition) ?? Number.POSITIVE_INFINITY;
    const cut = Math.max(Math.min(firstSince(range, soft), kept), firstSince(range, hard));
    for (let from = range.first; from < cut; from += REMOVALS_PER_COMMIT) {
      await topic.remove(range.partition, from, Math.min(cut, from + REMOVALS_PER_COMMIT));
    }
    removed += Math.max(0, cut - range.first);
    uncommitted += Math.max(0, cut - Math.max(range.first, kept));
  }
  return { removed, uncommitted };
};

interface Range {
  readonly partition: number;
  readonly first: number;
  /** The last record: never removed. */
  readonly last: number;
  readonly measure: (offset: number) => { readonly appendedAt: number; readonly bytes: number };
}

const rangeOf = (topic: EmbeddedTopic, partition: number): Range => ({
  partition,
  first: topic.firstOffset(partition),
  last: topic.endOffset(partition) - 1,
  measure: (offset) => topic.measure(partition, offset),
});

/** The first offset of the range that was appended at `time` or later; the last one if none was. */
const firstSince = (range: Range, time: number): number => {
  let low = range.first;
  let high = Math.max(range.last, range.first);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (range.measure(middle).appendedAt >= time) high = middle;
    else low = middle + 1;
  }
  return low;
};

const bytesSince = (range: Range, time: number): number => {
  if (range.last < range.first) return 0;
  return range.measure(range.last).bytes - range.measure(firstSince(range, time)).bytes;
};

/** The earliest time such that what was appended since fits into `bytes`; 0 if everything fits. */
const timeThatLeaves = (ranges: readonly Range[], bytes: number): number => {
  const total = (time: number): number => ranges.reduce((sum, range) => sum + bytesSince(range, time), 0);
  if (total(0) <= bytes) return 0;
  let low = 0;
  let high = Math.max(...ranges.map((range) => (range.last < range.first ? 0 : range.measure(range.last).appendedAt)));
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (total(middle) <= bytes) high = middle;
    else low = middle + 1;
  }
  return low;
};
