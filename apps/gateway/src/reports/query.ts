import { metricsNamed, UnknownMetricError } from '@queuecast/metrics';
import { isTimeZone } from '@queuecast/settings';
import { z } from 'zod';

const MAX_ROWS = 10_000;
const MAX_DAYS = 1_100;

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

export const GRAINS = ['minute', 'quarter', 'hour', 'day', 'total'] as const;

const metricIds = several('a metric id', 100)
  .transform((given) => given.flatMap((each) => each.split(',')))
  .superRefine((ids, context) => {
    try {
      metricsNamed(ids);
    } catch (error) {
      if (!(error instanceof UnknownMetricError)) throw error;
      context.addIssue({ code: 'custom', message: error.message.replace(/^metrics: /, '') });
    }
  });

const parameters = {
  from: time,
  to: time.meta({ description: 'End, exclusive.' }),
  queue: several('a queue id', 500).optional().meta({ description: 'Queue id; repeat it for several. All if absent.' }),
  grain: z
    .enum(GRAINS, { error: `must be one of ${GRAINS.join(', ')}` })
    .default('quarter')
    .meta({ description: 'Length of a row; `total` is one row per queue and channel.' }),
  timeZone: z
    .string()
    .refine(isTimeZone, 'must be an IANA time zone, for instance Europe/Brussels')
    .optional()
    .meta({ description: "IANA zone that hours and days are cut in; the tenant's if absent." }),
  thresholdSeconds: whole(0, 86_400)
    .optional()
    .meta({ description: "Service level threshold; if absent the queues' own where they agree, else 150." }),
  shortAbandonSeconds: whole(0, 86_400)
    .optional()
    .meta({ description: "Abandons below this are short; if absent the queues' own where they agree, else 5." }),
  metrics: metricIds.optional().meta({ description: 'Metric ids, repeated or separated by commas. All if absent.' }),
  limit: whole(1, MAX_ROWS)
    .default(1_000)
    .meta({ description: `Rows per page, at most ${MAX_ROWS}.` }),
  cursor: z.string().min(1).max(2_000).optional().meta({ description: '`nextCursor` of the page before.' }),
  tenant: z.string().max(64).optional().meta({ description: 'Must be your own; may be left out.' }),
};

/** The query of `GET /v1/reports/intervals`. A parameter that is not listed is refused: a typo must not change a report silently. */
export const intervalQuery = z
  .strictObject(parameters, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `unknown parameter ${issue.keys.join(', ')}: known are ${Object.keys(parameters).join(', ')}`
        : undefined,
  })
  .refine(({ from, to }) => to > from, { path: ['to'], error: 'must be later than from' })
  .refine(({ from, to }) => to - from <= MAX_DAYS * 86_400_000, {
    path: ['to'],
    error: `must be at most ${MAX_DAYS} days after from`,
  });

export type IntervalQuery = z.output<typeof intervalQuery>;
