import { WINDOWS } from '@queuecast/contact-center';
import { ATTRIBUTIONS, LEDGER_CLASSES } from '@queuecast/metrics';
import { isTimeZone, MOST_THRESHOLD_SECONDS } from '@queuecast/settings';
import { MAX_PAGE_ROWS } from '@queuecast/store';
import { z } from 'zod';

const MAX_DAYS = 1_100;
const MAX_REPEAT_DAYS = 366;

const time = z.iso
  .datetime({
    offset: true,
    // Compared with nothing once it is known to be no time.
    abort: true,
    error: 'must be an RFC 3339 time with a zone, for instance 2026-03-01T09:30:00Z',
  })
  .meta({ description: 'RFC 3339 time with zone.', example: '2026-03-01T00:00:00Z' })
  .transform((text) => Date.parse(text));

const several = (what: string, maximum: number) =>
  z
    .union([z.string(), z.array(z.string())], { error: `must be ${what}, repeated for several` })
    .transform((given) => (typeof given === 'string' ? [given] : given))
    .pipe(z.array(z.string().min(1, 'must not be empty').max(256)).max(maximum, `at most ${maximum} may be given`));

const whole = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${minimum} to ${maximum}`)
    .transform(Number)
    .pipe(z.number().min(minimum, `must be at least ${minimum}`).max(maximum, `must be at most ${maximum}`));

/** How many rows a page has, at most. */
export const limitUpTo = (rows: number) =>
  whole(1, rows)
    .default(1_000)
    .meta({ description: `Rows per page, at most ${rows}.` });

const oneOf = <const Choices extends readonly [string, ...string[]]>(choices: Choices) =>
  z.enum(choices, { error: `must be one of ${choices.join(', ')}` });

const commaSeparated = (what: string, maximum: number) =>
  several(what, maximum).transform((given) => given.flatMap((each) => each.split(',')));

/** Queues that count as one: `a,b`, repeated for several groups. */
const queueGroups = several('queue ids separated by commas', 200)
  .transform((given) => given.map((group) => group.split(',')))
  .superRefine((groups, context) => {
    const queues = groups.flat();
    const twice = queues.find((queue, n) => queue === '' || queues.indexOf(queue) !== n);
    if (twice === '') context.addIssue({ code: 'custom', message: 'must not hold an empty queue id' });
    else if (twice !== undefined)
      context.addIssue({ code: 'custom', message: `"${twice}" is named twice; a queue belongs to one group` });
  });

export const GRAINS = ['minute', 'quarter', 'hour', 'day', 'total'] as const;
const CHANNELS = ['apart', 'together'] as const;
export const AGENT_ROWS = ['site', 'group', 'queue', 'agent'] as const;

/** Every parameter that any report takes, each once: a name means the same wherever it is used. */
export const PARAMETERS = {
  from: time,
  to: time.meta({ description: 'End, exclusive.' }),
  queue: several('a queue id', 500).optional().meta({ description: 'Queue id; repeat it for several. All if absent.' }),
  site: several('a site id', 500).optional().meta({ description: 'Site id; repeat it for several. All if absent.' }),
  grain: oneOf(GRAINS).default('quarter').meta({
    description: 'Length of a row; `total` is one row over the whole range, split where a definition changes.',
  }),
  timeZone: z
    .string()
    .refine(isTimeZone, 'must be an IANA time zone, for instance Europe/Brussels')
    .optional()
    .meta({ description: "IANA zone that hours and days are cut in; the tenant's if absent." }),
  businessDayStart: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day like 04:00')
    .optional()
    .meta({
      description:
        "When a day begins by the clock of the zone, and a changed definition holds; the queues' own where they agree, else 00:00.",
      example: '04:00',
    }),
  attribution: oneOf(ATTRIBUTIONS).default('arrival').meta({
    description:
      'Where a leg counts: where it joined (`arrival`), where each thing happened (`event`), where it ended (`end`), or with durations cut at the edges of rows (`clipped`).',
  }),
  agentAttribution: z
    .enum(['clipped'], { error: 'must be clipped: the time of agents counts where it passes' })
    .default('clipped')
    .meta({ description: 'The time of agents counts where it passes, cut at the edges of rows.' }),
  thresholdSeconds: whole(0, MOST_THRESHOLD_SECONDS)
    .optional()
    .meta({ description: "Service level threshold of all queues; each queue's own if absent." }),
  shortAbandonSeconds: whole(0, MOST_THRESHOLD_SECONDS)
    .optional()
    .meta({ description: "Abandons below this are short, in all queues; below each queue's own if absent." }),
  metrics: commaSeparated('a metric id', 100).optional().meta({
    description:
      'Metric ids, repeated or separated by commas: `asa` by the definition in force on each day, `asa@1` by that one throughout. If absent, all that cost no more than reading intervals.',
  }),
  repeatDays: whole(1, MAX_REPEAT_DAYS).optional().meta({
    description: "Days within which a caller who comes again makes a repeat; the tenant's `repeatDays` if absent.",
  }),
  queueGroup: queueGroups.optional().meta({
    description:
      "Queues that count as one for repeats and first-contact resolution, separated by commas; repeat it for several groups. The queues' `group` settings if absent.",
  }),
  by: oneOf(AGENT_ROWS).default('site').meta({
    description:
      'What a row is of: all agents of a site, those who serve exactly the same queues (`group`), all who serve a queue, or one agent.',
  }),
  channels: oneOf(CHANNELS).default('apart').meta({
    description: 'A row for each channel (`apart`), or one for all of a queue, as channel `all` (`together`).',
  }),
  channel: z.string().max(64).optional().meta({ description: 'Channel; empty for one that no event has told.' }),
  class: oneOf(LEDGER_CLASSES).optional().meta({
    description: 'Legs of one class of the ledger; all that were offered if absent.',
  }),
  agent: z
    .string()
    .min(1, 'must not be empty')
    .max(256)
    .optional()
    .meta({ description: 'Agent id: legs answered by.' }),
  window: commaSeparated('a window', WINDOWS.length)
    .pipe(z.array(oneOf(WINDOWS)))
    .transform((given) => [...new Set(given)])
    .optional()
    .meta({ description: `Windows, repeated or separated by commas: ${WINDOWS.join(', ')}. All if absent.` }),
  limit: limitUpTo(MAX_PAGE_ROWS),
  cursor: z.string().min(1).max(2_000).optional().meta({ description: '`nextCursor` of the page before.' }),
  tenant: z.string().max(64).optional().meta({ description: 'Must be your own; may be left out.' }),
};

/** A query of exactly these parameters. One that is not listed is refused: a typo must not change a report silently. */
export const queryOf = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `unknown parameter ${issue.keys.join(', ')}: known are ${Object.keys(shape).join(', ')}`
        : undefined,
  });

/** Whether `from` and `to` make a range that a report may cover; refused at `to`. */
export const checkRange = (
  { from, to }: { readonly from: number; readonly to: number },
  context: { addIssue(issue: { code: 'custom'; path: string[]; message: string }): void },
): void => {
  const refuse = (message: string): void => context.addIssue({ code: 'custom', path: ['to'], message });
  if (to <= from) refuse('must be later than from');
  else if (to - from > MAX_DAYS * 86_400_000) refuse(`must be at most ${MAX_DAYS} days after from`);
};
