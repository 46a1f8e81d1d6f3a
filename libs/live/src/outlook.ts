import { z } from 'zod';

const instant = z.int().meta({ description: 'Milliseconds since the epoch.' });
const minutes = z.int().meta({ description: 'Whole minutes, steps of 5 above 15.' });

/** A stretch of open hours in which to call, and the wait to expect in it. */
export const callTimeSchema = z.object({ from: instant, to: instant, lowMinutes: minutes, highMinutes: minutes });
export type CallTime = Readonly<z.output<typeof callTimeSchema>>;

export const bestTimeSchema = z.object({
  today: callTimeSchema
    .nullable()
    .meta({ description: 'In the rest of the business day; null unless it is meaningfully better than now.' }),
  week: callTimeSchema
    .nullable()
    .meta({ description: 'In the days after it; null unless it is meaningfully better than now and than today.' }),
});
/** When to call instead of now. */
export type BestTime = Readonly<z.output<typeof bestTimeSchema>>;

export const publicOutlookSchema = z.object({
  tenant: z.string(),
  queue: z.string(),
  timeZone: z.string(),
  history: z.object({ from: instant, to: instant }).nullable().meta({
    description: 'The arrivals that it was learnt from, recent weeks weighing more; null before they were read.',
  }),
  bestTime: bestTimeSchema,
  hours: z
    .array(
      z.object({
        from: instant,
        to: instant,
        wait: z.discriminatedUnion('kind', [
          z.object({ kind: z.literal('band'), lowMinutes: minutes, highMinutes: minutes }),
          z.object({ kind: z.literal('none'), reason: z.enum(['CLOSED', 'TOO_FEW_DATA']) }),
        ]),
      }),
    )
    .meta({
      description:
        'From the running hour on for 7 business days, by the clock of the queue; a band holds 8 of 10 callers. Neighbours that are the same are one.',
    }),
});
/** `GET /public/v1/:tenant/queues/:queue/outlook.json`: the wait to expect by hour, from history. */
export type PublicOutlook = Readonly<z.output<typeof publicOutlookSchema>>;
