import { z } from 'zod';
import {
  ABSTENTIONS,
  noticeSchema,
  openingSchema,
  queueFrameSchema,
  sourceHealthSchema,
  type PublicQueue,
  type Pulse,
  type QueueInfo,
  type WallboardSnapshot,
  type WatchFulfilled,
  type WatchUnder,
} from './frames.js';
import { bestTimeSchema } from './outlook.js';

/**
 * The messages of the two socket.io namespaces as schemas, for the reference pages and for clients in other languages.
 * `satisfies` keeps them from drifting away from the types.
 */
const instant = z.int().meta({ description: 'Milliseconds since the epoch.' });
const text = z.record(z.string(), z.string()).meta({ description: 'Text by language tag.' });

export const queueInfoSchema = z.object({
  queue: z.string(),
  site: z.string(),
  name: text,
  public: z.boolean(),
  thresholdMs: z.number(),
  target: z.number().meta({ description: 'Share 0..1 to be answered within the threshold.' }),
  timeZone: z.string(),
}) satisfies z.ZodType<QueueInfo>;

export const wallboardSnapshotSchema = z.object({
  tenant: z.string(),
  tenantName: z.string(),
  serverTime: instant,
  queues: z.array(queueInfoSchema),
  frames: z.array(queueFrameSchema),
}) satisfies z.ZodType<WallboardSnapshot>;

export const pulseSchema = z.object({
  serverTime: instant,
  versions: z.record(z.string(), z.int()).meta({ description: 'Frame version by queue id.' }),
  processorSilentSince: instant
    .nullable()
    .meta({ description: 'Null while frames arrive; otherwise since when they do not.' }),
}) satisfies z.ZodType<Pulse>;

export const publicQueueSchema = z.object({
  tenant: z.string(),
  queue: z.string(),
  name: text,
  opening: openingSchema,
  hours: z
    .array(z.object({ date: z.iso.date(), spans: z.array(z.tuple([z.string(), z.string()])) }))
    .meta({ description: "Opening hours of the next 7 days, in the queue's zone." }),
  timeZone: z.string(),
  wait: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('band'), lowMinutes: z.number(), highMinutes: z.number() }),
    z.object({ kind: z.literal('none'), reason: z.enum(ABSTENTIONS) }),
  ]),
  bestTime: bestTimeSchema,
  callbackOffered: z.boolean().meta({
    description: 'Whether a call back can be asked for now, unless as many as can be kept are promised already.',
  }),
  rightOf10: z.int().min(0).max(10).nullable().meta({
    description:
      'Of ten who were told a wait today and were answered, how many waited as told; null unless enough were.',
  }),
  notices: z.array(noticeSchema),
  asOf: instant,
  source: sourceHealthSchema.shape.state,
}) satisfies z.ZodType<PublicQueue>;

export const problemSchema = z.object({ status: z.int(), title: z.string() });
export const watchSchema = z.object({
  tenant: z.string(),
  queue: z.string(),
  underMinutes: z.int().meta({ description: '1 to 240; the upper bound of the wait counts.' }),
}) satisfies z.ZodType<WatchUnder>;
export const unwatchSchema = watchSchema.omit({ underMinutes: true });
export const fulfilledSchema = watchSchema.extend({ document: publicQueueSchema }) satisfies z.ZodType<WatchFulfilled>;
export const subscribeSchema = z.object({ tenant: z.string(), queue: z.string().optional() });

const iso = z.iso.datetime();

/** Posted once to the URL of a watch: the wait is at most so many minutes. */
export const waitUnderSchema = z.object({
  type: z.literal('queue.wait_under'),
  timestamp: iso,
  data: z.object({
    watch: z.string().meta({ description: 'Id of the watch.' }),
    tenant: z.string(),
    site: z.string(),
    queue: z.string(),
    underMinutes: z.int(),
    wait: z
      .object({ lowMs: z.number(), highMs: z.number(), at: iso })
      .meta({ description: 'The band that was published.' }),
  }),
});
export type WaitUnderMessage = z.infer<typeof waitUnderSchema>;
