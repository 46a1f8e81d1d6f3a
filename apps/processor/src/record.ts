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
 * @param isOurs whether the site of this key is known to be kept on the partition that this record was read from: the
 *   record's own key does not tell, since the topic may have been repartitioned since
 */
export const readRecord = (
  record: StoredRecord,
  limits: EnvelopeLimits,
  isOurs: (key: string) => boolean,
): ReadRecord => {
  if (record.value === null) return { kind: 'tombstone' };
  const read = decodeEvent(record.value, record.appendedAt, limits);
  if (read.kind === 'invalid') return { kind: 'dead', reason: 'invalid', issues: read.issues };
  const key = record.key !== null && isPartitionKeyOf(record.key, read.event) ? record.key : partitionKey(read.event);
  return isOurs(key) ? read : { kind: 'misplaced', key };
};
