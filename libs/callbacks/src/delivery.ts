import type { Instant } from '@queuecast/events';
import type { CallbackMarks } from './marks.js';

/** What tells whether the dialer has to hear of a promise. */
export interface PromiseNow {
  readonly id: string;
  readonly state: 'open' | 'kept' | 'cancelled' | 'withdrawn';
  readonly promisedAt: Instant;
  readonly movedAt: Instant | null;
  readonly closedAt: Instant | null;
  readonly duplicateOf: string;
}

/** What the dialer has to be told of a promise. */
export type DeliveryKind = 'promised' | 'moved' | 'cancelled';

/** A message to the dialer that it has not confirmed. */
export interface DueDelivery {
  /** The same at every attempt. */
  readonly delivery: string;
  readonly kind: DeliveryKind;
  /** 1 for the first. */
  readonly attempt: number;
  /** Not before this instant. */
  readonly at: Instant;
}

const HEARD = /-(promised|moved)-\d+$/;

/**
 * The message that is due for a promise as it stands, or null: the dialer has confirmed that one, or need not know.
 * Only the latest state is told: a promise that was moved before the dialer heard of it is told once, as moved.
 * A promise that is cancelled is told of only if an attempt was made to tell of it before, and so is one that was kept by
 * the call of another to the same number: the dialer need not call again. A duplicate is not told of at all.
 */
export const dueDelivery = (row: PromiseNow, marks: CallbackMarks): DueDelivery | null => {
  if (marks.kept || row.duplicateOf !== '' || !marks.promised) return null;
  const told = latestChange(row, marks);
  if (!told) return null;
  const delivery = `${row.id}-${told.kind}-${told.at}`;
  if (marks.delivered.some((confirmed) => confirmed.delivery === delivery)) return null;
  const last = marks.deliveryAttempted;
  if (last?.delivery === delivery) return { delivery, kind: told.kind, attempt: last.attempt + 1, at: last.retryAt };
  return { delivery, kind: told.kind, attempt: 1, at: told.at };
};

const latestChange = (
  row: PromiseNow,
  marks: CallbackMarks,
): { readonly kind: DeliveryKind; readonly at: Instant } | null => {
  if (row.state !== 'open') {
    const known = marks.delivered.some(({ delivery }) => HEARD.test(delivery));
    const tried = marks.deliveryAttempted !== undefined;
    return row.closedAt !== null && (known || tried) ? { kind: 'cancelled', at: row.closedAt } : null;
  }
  return row.movedAt === null ? { kind: 'promised', at: row.promisedAt } : { kind: 'moved', at: row.movedAt };
};
