import type { LegFact } from '@queuecast/contact-center';
import type { Table } from './table.js';

/** Absent text is '' in the dictionary-encoded columns. */
const orEmpty = (value: string | null): string => value ?? '';

export const LEGS: Table<LegFact> = {
  name: 'contact_legs',
  columns: [
    { name: 'tenant', value: (leg) => leg.tenant },
    { name: 'site', value: (leg) => leg.site },
    { name: 'queue', value: (leg) => leg.queue },
    { name: 'contact', value: (leg) => leg.contact },
    { name: 'leg', value: (leg) => leg.leg },
    { name: 'anchor', value: (leg) => leg.anchor },
    { name: 'channel', value: (leg) => orEmpty(leg.channel) },
    { name: 'direction', value: (leg) => orEmpty(leg.direction) },
    { name: 'caller_key', value: (leg) => leg.callerKey },
    { name: 'priority', value: (leg) => leg.priority },
    { name: 'internal', value: (leg) => leg.internal },
    { name: 'started_at', value: (leg) => leg.startedAt },
    { name: 'menu_completed_at', value: (leg) => leg.menuCompletedAt },
    { name: 'queued_at', value: (leg) => leg.queuedAt },
    { name: 'first_offered_at', value: (leg) => leg.firstOfferedAt },
    { name: 'answered_at', value: (leg) => leg.answeredAt },
    { name: 'left_queue_at', value: (leg) => leg.leftQueueAt },
    { name: 'ended_at', value: (leg) => leg.endedAt },
    { name: 'wrapped_up_at', value: (leg) => leg.wrappedUpAt },
    { name: 'outcome', value: (leg) => leg.outcome },
    { name: 'agent', value: (leg) => orEmpty(leg.agent) },
    { name: 'wait_ms', value: (leg) => leg.waitMs },
    { name: 'ring_ms', value: (leg) => leg.ringMs },
    { name: 'talk_ms', value: (leg) => leg.talkMs },
    { name: 'hold_ms', value: (leg) => leg.holdMs },
    { name: 'wrap_ms', value: (leg) => leg.wrapMs },
    { name: 'offers', value: (leg) => leg.offers },
    { name: 'declines', value: (leg) => leg.declines },
    { name: 'transferred_to_queue', value: (leg) => orEmpty(leg.transferredToQueue) },
    { name: 'transferred_to_agent', value: (leg) => orEmpty(leg.transferredToAgent) },
    { name: 'ended_by', value: (leg) => orEmpty(leg.endedBy) },
    { name: 'disposition', value: (leg) => orEmpty(leg.disposition) },
    { name: 'resolved', value: (leg) => leg.resolved },
    { name: 'corrections', value: (leg) => leg.corrections },
    { name: 'version', value: (leg) => leg.version },
  ],
};
