import { z } from 'zod';
import { PARAMETERS, queryOf } from '../reports/parameters.js';

const MAX_STEP_SECONDS = 3_600;
const MAX_LINES = 90_000;

const { from, to, tenant } = PARAMETERS;
const show = z
  .enum(['then', 'now', 'both'], { error: 'must be then, now or both' })
  .default('both')
  .meta({ description: 'As shown then, as known now, or both and what differs between them.' });

/** The query of `GET /v1/wallboard`. */
export const instantQuery = queryOf({
  at: from.meta({ description: 'RFC 3339 time with zone, not in the future.' }),
  show,
  tenant,
});

/** The query of `GET /v1/wallboard/playback`. */
export const playbackQuery = queryOf({
  from,
  to,
  step: z
    .string()
    .regex(/^\d{1,4}$/, `must be a whole number of seconds from 1 to ${MAX_STEP_SECONDS}`)
    .default('10')
    .transform(Number)
    .pipe(z.number().min(1, 'must be at least 1').max(MAX_STEP_SECONDS, `must be at most ${MAX_STEP_SECONDS}`))
    .meta({ description: 'Seconds between two lines.' }),
  show,
  tenant,
})
  .refine(({ from, to }) => to > from, { path: ['to'], error: 'must be later than from' })
  .refine(({ from, to, step }) => (to - from) / (step * 1000) <= MAX_LINES, {
    path: ['step'],
    error: `must be longer, or the stretch shorter: a playback has at most ${MAX_LINES} lines`,
  });

export type InstantQuery = z.output<typeof instantQuery>;
export type PlaybackQuery = z.output<typeof playbackQuery>;
