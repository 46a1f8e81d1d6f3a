/**
 * Branded primitives: a queue id cannot be passed where a leg id is wanted, nor a duration where an instant is.
 * The brand exists in types only; at run time these are plain strings and numbers.
 */
declare const brand: unique symbol;
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

export type TenantId = Branded<string, 'TenantId'>;
export type SiteId = Branded<string, 'SiteId'>;
export type QueueId = Branded<string, 'QueueId'>;
export type ContactId = Branded<string, 'ContactId'>;
export type LegId = Branded<string, 'LegId'>;
export type AgentId = Branded<string, 'AgentId'>;
export type EventId = Branded<string, 'EventId'>;

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = Branded<number, 'Instant'>;
/** A length of time in milliseconds. */
export type Milliseconds = Branded<number, 'Milliseconds'>;

export const tenantId = (value: string): TenantId => value as TenantId;
export const siteId = (value: string): SiteId => value as SiteId;
export const queueId = (value: string): QueueId => value as QueueId;

/** Milliseconds since the epoch as an instant. */
export const instant = (epochMilliseconds: number): Instant => epochMilliseconds as Instant;
/** A number of milliseconds as a duration. */
export const milliseconds = (value: number): Milliseconds => value as Milliseconds;
/** The time from `start` to `end`, in milliseconds; negative when `end` is earlier. */
export const elapsed = (start: Instant, end: Instant): Milliseconds => (end - start) as Milliseconds;
/** The instant `duration` milliseconds after `start`. */
export const after = (start: Instant, duration: number): Instant => (start + duration) as Instant;
