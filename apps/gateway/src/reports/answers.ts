import { WINDOWS } from '@queuecast/contact-center';
import { ATTRIBUTIONS, LEDGER_CLASSES } from '@queuecast/metrics';
import { z } from 'zod';
import { AGENT_ROWS, GRAINS } from './parameters.js';

const instant = z.iso.datetime().meta({ description: 'RFC 3339, UTC.' });
const citation = z.string().meta({ description: '`id@version` of a definition.', example: 'asa@1' });
const nextCursor = z.string().nullable().meta({ description: 'Ask for the next page with it; null on the last.' });
const figures = z
  .record(z.string(), z.number().nullable())
  .meta({ description: 'Value by column key; null where there is nothing to divide by.' });
const figuresByReason = z
  .record(z.string(), z.union([z.number(), z.record(z.string(), z.number())]).nullable())
  .meta({ description: 'Value by column key: a number, or milliseconds by reason.' });
const seconds = z.int().min(0);
const count = z.int().min(0);
const thresholdSeconds = seconds.nullable().meta({ description: 'Null where queues differ: see `thresholds`.' });
const shortAbandonSeconds = thresholdSeconds;
/** Of reports over queues that are counted differently. */
const thresholdsOf = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z
    .record(z.string(), z.strictObject(shape))
    .optional()
    .meta({ description: 'By queue id, where queues are counted by different thresholds.' });
const businessDayStart = z
  .string()
  .meta({ description: 'When days begin by the clock of `timeZone`.', example: '00:00' });

const definitions = {
  metrics: z.array(citation).meta({ description: 'Every definition served.' }),
  columns: z.array(z.strictObject({ key: z.string(), metrics: z.array(citation) })).meta({
    description: 'The columns of figures: the key of their values, and the definitions they are by, oldest first.',
  }),
  changes: z
    .array(z.strictObject({ key: z.string(), at: instant, from: citation, to: citation }))
    .meta({ description: 'Definitions that changed: rows that begin before `at` are by `from`, the others by `to`.' }),
};
const range = { tenant: z.string(), from: instant, to: instant };
const rows = {
  grain: z.enum(GRAINS),
  timeZone: z.string(),
  businessDayStart,
  attribution: z.enum(ATTRIBUTIONS),
};
const place = { site: z.string(), queue: z.string(), channel: z.string() };

const corrected = z.array(citation).meta({
  description:
    'What late events have corrected of the row since its quarters of an hour were published; see `/v1/corrections`. A minute shows what was corrected of its quarter.',
});

export const intervalsAnswer = z.strictObject({
  ...range,
  ...rows,
  thresholdSeconds,
  shortAbandonSeconds,
  thresholds: thresholdsOf({ thresholdSeconds: seconds, shortAbandonSeconds: seconds }),
  repeatDays: count,
  ...definitions,
  rows: z.array(
    z.strictObject({
      ...place,
      start: instant,
      values: figures,
      corrected,
    }),
  ),
  nextCursor,
});

export const correctionsAnswer = z.strictObject({
  ...range,
  thresholdSeconds: seconds.meta({
    description:
      'What `answered_within` of published figures is by, in every queue: a setting that changes is no correction.',
  }),
  shortAbandonSeconds: seconds.meta({
    description: 'Likewise what tells `short_abandoned` from `abandoned`, whatever is short in the queue.',
  }),
  rows: z.array(
    z.strictObject({
      metric: citation,
      ...place,
      interval: z.strictObject({ start: instant, end: instant }),
      from: z.int().meta({ description: 'What the figure was until the event came; durations in milliseconds.' }),
      to: z.int().meta({ description: 'What it is since.' }),
      why: z
        .strictObject({
          type: z.string(),
          id: z.string(),
          source: z.string(),
          time: instant,
          lateSeconds: z
            .number()
            .min(0)
            .meta({ description: 'How far the events of the site had come beyond its time when it came.' }),
          contact: z.string(),
          leg: z.string(),
        })
        .meta({ description: 'The event that changed it.' }),
    }),
  ),
  nextCursor,
});

const classes = Object.fromEntries(LEDGER_CLASSES.map((name) => [name, count])) as Record<
  (typeof LEDGER_CLASSES)[number],
  typeof count
>;

export const ledgerAnswer = z.strictObject({
  ...range,
  ...rows,
  shortAbandonSeconds,
  thresholds: thresholdsOf({ shortAbandonSeconds: seconds }),
  ...definitions,
  rows: z.array(
    z.strictObject({
      ...place,
      start: instant,
      end: instant.meta({ description: 'Where that part of the range ends which the row covers.' }),
      carriedIn: count.meta({
        description: 'By event and clipped, who waited already when the row began; otherwise 0.',
      }),
      offered: count,
      classes: z.strictObject(classes).meta({ description: 'What became of them, each in exactly one class.' }),
      contacts: count.meta({ description: 'Distinct contacts behind the offered legs.' }),
      imbalance: z.int().meta({ description: 'Carried in and offered, less all classes: 0, or something is wrong.' }),
      corrected,
      links: z.record(z.string(), z.string()).meta({ description: 'Where the legs behind a cell are listed.' }),
    }),
  ),
  nextCursor,
});

const duration = z.int().nullable().meta({ description: 'Milliseconds; null as long as it is not known.' });

export const contactsAnswer = z.strictObject({
  ...range,
  attribution: z.enum(ATTRIBUTIONS),
  shortAbandonSeconds,
  thresholds: thresholdsOf({ shortAbandonSeconds: seconds }),
  rows: z.array(
    z.strictObject({
      ...place,
      contact: z.string(),
      leg: z.string(),
      class: z.enum(LEDGER_CLASSES).nullable(),
      outcome: z.string(),
      agent: z.string().meta({ description: 'Who answered; empty if nobody did.' }),
      queuedAt: instant,
      answeredAt: instant.nullable(),
      leftQueueAt: instant.nullable(),
      endedAt: instant.nullable(),
      waitMs: duration,
      talkMs: duration,
      holdMs: duration,
      wrapMs: duration,
      corrections: count.meta({ description: 'Late events that changed the leg.' }),
    }),
  ),
  nextCursor,
});

export const callbacksAnswer = z.strictObject({
  ...range,
  grain: rows.grain,
  timeZone: rows.timeZone,
  businessDayStart,
  ...definitions,
  rows: z.array(z.strictObject({ site: z.string(), queue: z.string(), start: instant, values: figures })),
  nextCursor,
});

export const estimatesAnswer = z.strictObject({
  ...range,
  grain: z.enum(GRAINS),
  timeZone: z.string(),
  businessDayStart,
  ...definitions,
  rows: z.array(
    z.strictObject({
      site: z.string(),
      queue: z.string(),
      start: instant,
      predictor: z.string().meta({
        description: '`served` for what contacts were told; otherwise a rule that others serve, by its name.',
      }),
      population: z.enum(['answered', 'queued']).meta({
        description: 'Whom the row is over: everybody, or who waited longer than a second.',
      }),
      values: figures,
    }),
  ),
  nextCursor,
});

export const agentsAnswer = z.strictObject({
  ...range,
  grain: rows.grain,
  timeZone: rows.timeZone,
  businessDayStart,
  attribution: z.literal('clipped'),
  by: z.enum(AGENT_ROWS),
  ...definitions,
  rows: z.array(
    z.strictObject({
      site: z.string(),
      of: z
        .string()
        .meta({ description: 'Empty for a site; a queue, an agent, or the queues of a group joined by +.' }),
      start: instant,
      values: figuresByReason,
    }),
  ),
  nextCursor,
});

export const windowsAnswer = z.strictObject({
  tenant: z.string(),
  at: instant.meta({ description: 'The moment that the windows end at, or count back from.' }),
  attribution: z.enum(ATTRIBUTIONS),
  repeatDays: count,
  ...definitions,
  changes: definitions.changes.meta({
    description: 'Definitions that changed since the earliest window began. All windows are by the latest, to compare.',
  }),
  rows: z.array(
    z.strictObject({
      site: z.string(),
      queue: z.string(),
      window: z.enum(WINDOWS),
      from: instant,
      to: instant,
      timeZone: z.string().meta({ description: 'The zone of the queue, which its days are cut in.' }),
      thresholdSeconds: seconds,
      shortAbandonSeconds: seconds,
      values: figures,
    }),
  ),
  nextCursor,
});

export const outlookAnswer = z.strictObject({
  tenant: z.string(),
  at: instant,
  histories: z
    .array(
      z.strictObject({
        queue: z.string(),
        timeZone: z.string().meta({ description: 'The zone of the queue, by whose clock hours are cut.' }),
        from: instant.nullable(),
        to: instant.nullable(),
      }),
    )
    .meta({ description: 'The arrivals that each queue’s outlook was learnt from; null before they were read.' }),
  rows: z.array(
    z.strictObject({
      site: z.string(),
      queue: z.string(),
      from: instant,
      to: instant,
      date: z.iso.date().meta({ description: 'Date of the business day.' }),
      reason: z.enum(['CLOSED', 'TOO_FEW_DATA']).nullable().meta({ description: 'Why there is no figure.' }),
      lowMs: duration.meta({ description: 'A tenth of callers would wait less, if nobody hung up.' }),
      p50Ms: duration,
      highMs: duration.meta({ description: 'A tenth would wait longer.' }),
      basis: z
        .enum(['weekday', 'similar_days'])
        .nullable()
        .meta({ description: 'This hour of this weekday; or where it knows too little, of working days or weekends.' }),
      contacts: count.nullable(),
      days: count.nullable(),
    }),
  ),
  nextCursor,
});
