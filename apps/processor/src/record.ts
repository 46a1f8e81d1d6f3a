import {
  decodeEvent,
  isPartitionKeyOf,
  partitionKey,
  type AcdEvent,
  type EnvelopeLimits,
  type FieldIssue,
  type ForeignEvent,
} from '@queuecast/events';
import type { StoredRecord } from '@queuecast/event-log';

/** What a record of the log turned out to be. */
export type ReadRecord =
  | { readonly kind: 'event'; readonly event: AcdEvent; readonly body: string }
  /** A valid CloudEvent of a type that the contract does not know: archived, not folded. */
  | { readonly kind: 'foreign'; readonly event: ForeignEvent; readonly body: string }
  /** A deletion marker: nothing to fold. */
  | { readonly kind: 'tombstone' }
  /** Not an event of ours; `reason` is stable, `issues` say more. */
  | { readonly kind: 'dead'; readonly reason: DeadLetterReason; readonly issues: readonly FieldIssue[] }
  /** An event under another key than its site's: it must be appended again where the site's order is kept. */
  | { readonly kind: 'misplaced'; readonly key: string };

export type DeadLetterReason = 'invalid' | 'conflict';

/**
 * Reads one record of the log.
 *
 * The clock is the log's (`appendedAt`), so that reading again gives the same answer.
 *
 * @param isOurs whether records of this key belong on the partition that this record was read from
 */
export const readRecord = (
  record: StoredRecord,
  limits: EnvelopeLimits,
  isOurs: (key: string) => boolean,
): ReadRecord => {
  if (record.value === null) return { kind: 'tombstone' };
  const read = decodeEvent(record.value, record.appendedAt, limits);
  if (read.kind === 'invalid') return { kind: 'dead', reason: 'invalid', issues: read.issues };
  if (isPartitionKeyOf(record.key, read.event)) return read;
  const key = partitionKey(read.event);
  return isOurs(key) ? read : { kind: 'misplaced', key };
};
