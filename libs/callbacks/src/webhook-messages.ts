import { CALLBACK_ORIGINS, CALLBACK_PROFILES, CHANNELS } from '@queuecast/events';
import { z } from 'zod';

const at = z.iso.datetime();

const promise = {
  id: z.string().meta({ description: 'Id of the promise, by which is told what came of it.' }),
  tenant: z.string(),
  site: z.string(),
  queue: z.string(),
  contact: z.string().meta({ description: 'The contact that it is about, or the id of the promise itself.' }),
  leg: z.string().nullable(),
  channel: z.enum(CHANNELS),
  language: z.string().nullable().meta({ description: "The customer's." }),
  promisedAt: at,
  dueAt: at.meta({ description: 'The call is late after this.' }),
  window: z.object({ from: at, to: at }).nullable().meta({ description: 'When the customer asked to be called.' }),
  profile: z.enum(CALLBACK_PROFILES).nullable(),
  origin: z.enum(CALLBACK_ORIGINS),
  place: z
    .object({ queuedAt: at, priority: z.int(), position: z.int().nullable() })
    .nullable()
    .meta({ description: 'The place in line that was given up for it.' }),
};
const number = z.string().nullable().meta({ description: 'E.164; null where the promise came without one.' });

/** Told to a tenant's dialer: a promise was made or moved. */
export const promiseMessageSchema = z.object({
  type: z.enum(['callback.promised', 'callback.moved']),
  timestamp: at,
  data: z.object({ ...promise, number }),
});

export type PromiseMessage = z.infer<typeof promiseMessageSchema>;

/** Told to a tenant's dialer: a promise was called off. */
export const cancelledMessageSchema = z.object({
  type: z.literal('callback.cancelled'),
  timestamp: at,
  data: z.object(promise),
});

export type CancelledMessage = z.infer<typeof cancelledMessageSchema>;

/** Told to a tenant's sender of codes. */
export const codeMessageSchema = z.object({
  type: z.literal('callback.code'),
  timestamp: at,
  data: z.object({ tenant: z.string(), number: z.string(), code: z.string(), language: z.string(), expiresAt: at }),
});

export type CodeMessage = z.infer<typeof codeMessageSchema>;
