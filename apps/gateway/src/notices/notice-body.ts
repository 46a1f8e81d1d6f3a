import { NOTICE_SEVERITIES } from '@queuecast/events';
import { z } from 'zod';
import { openApi } from '../openapi.js';
import { MAX_TEXT_LENGTH } from '../public/public-notices.js';

const MAX_LANGUAGES = 8;
const MAX_QUEUES = 1_000;

const languageTag = z
  .string()
  .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$/, 'must be a language tag such as en or nl-BE');

/** No control characters and no halves of characters; counted as people count them. */
const words = z
  .string('must be a text')
  .trim()
  .regex(
    new RegExp(`^[^\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]{1,${MAX_TEXT_LENGTH}}$`, 'u'),
    `must have 1 to ${MAX_TEXT_LENGTH} characters, on one line`,
  );

/** What a supervisor posts: texts, how grave it is, where, and until when. */
export const noticeBody = z.strictObject({
  text: z
    .record(languageTag, words, 'text must be an object with a text by language, for instance {"en": "…", "fr": "…"}')
    .refine((text) => Object.keys(text).length > 0, 'needs a text in at least one language')
    .refine((text) => Object.keys(text).length <= MAX_LANGUAGES, `must be in at most ${MAX_LANGUAGES} languages`)
    .meta({ description: `One line of at most ${MAX_TEXT_LENGTH} characters by language tag.` }),
  severity: z.enum(NOTICE_SEVERITIES, `must be one of ${NOTICE_SEVERITIES.join(', ')}`).default('info'),
  queues: z
    .union(
      [z.literal('all'), z.array(z.string().min(1).max(256)).min(1).max(MAX_QUEUES)],
      'must be "all", or a list of queue ids',
    )
    .meta({ description: 'Ids of queues, or `all`: every queue of the tenant that is known now.' }),
  until: z.iso
    .datetime({ offset: true, error: 'must be an RFC 3339 time with a zone, for instance 2026-03-01T09:30:00Z' })
    .optional()
    .meta({ description: 'When it ends by itself: within 7 days; in 4 hours if absent.' }),
});
export type NoticeBody = z.output<typeof noticeBody>;

export const noticeBodySchema = openApi(noticeBody, 'input');
