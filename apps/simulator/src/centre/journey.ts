import type { Channel, Direction } from '@queuecast/events';
import type { Agent } from './workforce.js';
import type { LedgerEntry } from './ledger.js';
import type { QueueModel } from './model.js';

/** A customer's journey as the ACD runs it. */
export interface Contact {
  readonly id: string;
  readonly channel: Channel;
  readonly direction: Direction;
  readonly source: number;
  readonly callerKey: string;
  /** The queue through which it came in. */
  readonly entry: QueueModel;
  legs: number;
  /** Time of the last choice in the menu, by the source's clock. */
  menuCompletedAt?: number;
  ended: boolean;
  /** The contact whose promised call back this is. */
  readonly promise?: { readonly contact: string; readonly leg: string };
}

/** One join of one queue. `forgotten`: the ACD lost it and says nothing of it any more. */
export interface Leg {
  readonly id: string;
  readonly contact: Contact;
  readonly queue: QueueModel;
  readonly queuedAt: number;
  readonly priority: number;
  readonly internal: boolean;
  /** Null for consult calls, and when no books are kept. */
  readonly entry: LedgerEntry | null;
  state: 'waiting' | 'reserved' | 'ringing' | 'answered' | 'over' | 'forgotten';
  agent: Agent | null;
}

/** Still in the queue, whether or not an agent's phone rings for it. */
export const isWaiting = (leg: Leg): boolean =>
  leg.state === 'waiting' || leg.state === 'reserved' || leg.state === 'ringing';
