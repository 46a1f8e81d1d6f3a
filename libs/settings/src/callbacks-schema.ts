import { z } from 'zod';
import { hasOneSecret, ONE_SECRET, webhookSecretFields } from './webhooks-schema.js';

const country = z.string().regex(/^[A-Z]{2}$/, 'must be an ISO 3166 country code like BE');

/** How a queue promises to call back. */
export const queueCallbacksSchema = z
  .strictObject({
    offer: z.enum(['never', 'when_long', 'always']).default('never').meta({
      description: 'Whether customers may ask to be called back: only while the wait is long, always, or never.',
    }),
    overSeconds: z
      .int()
      .min(0)
      .max(86_400)
      .default(150)
      .meta({ description: '`when_long`: offered while the upper estimate of the wait exceeds this many seconds.' }),
    profile: z.enum(['be-24h', 'be-charter', 'custom']).default('be-24h').meta({
      description:
        'When a promise is due: `be-24h` within 24 hours, `be-charter` by the end of the next working day, `custom` as `hours` or `workingDays` say.',
    }),
    hours: z.int().min(1).max(720).optional().meta({ description: '`custom`: due after this many hours.' }),
    workingDays: z
      .int()
      .min(1)
      .max(20)
      .optional()
      .meta({ description: '`custom`: due at the end of this working day, 1 being the next one.' }),
    perHour: z.int().min(0).max(100_000).optional().meta({
      description:
        'Promised calls that the centre can make in an open hour: no more are promised. If absent, what the agents there can do beside the contacts that are expected; while nobody knows the agents, a ninth of the contacts that usually come in that hour, 2 at least.',
    }),
    dueSoonMinutes: z
      .int()
      .min(1)
      .max(1440)
      .default(30)
      .meta({ description: 'A promise is shown as due soon from this many minutes before it is due.' }),
  })
  .refine(
    ({ profile, hours, workingDays }) =>
      (profile === 'custom') === ((hours === undefined) !== (workingDays === undefined)),
    'must have exactly one of hours and workingDays with profile custom, and neither with the others',
  )
  .prefault({});

/** Consent asked for where the tenant has no text of its own. */
const CONSENT = {
  en: 'I agree that my number is kept until I have been called back, and for nothing else.',
  fr: 'J’accepte que mon numéro soit conservé jusqu’à ce que l’on m’ait rappelé, et pour rien d’autre.',
  nl: 'Ik ga ermee akkoord dat mijn nummer wordt bewaard tot ik ben teruggebeld, en voor niets anders.',
  de: 'Ich bin einverstanden, dass meine Nummer gespeichert wird, bis ich zurückgerufen wurde, und für nichts anderes.',
};

/** What promises of all queues of a tenant have in common. */
export const tenantCallbacksSchema = z
  .strictObject({
    region: country.default('BE').meta({ description: 'Country whose national numbers are understood.' }),
    countries: z
      .array(country)
      .max(250)
      .default([])
      .meta({ description: 'Countries that may be called back; only `region` if empty.' }),
    consent: z
      .strictObject({
        version: z.string().min(1).max(64).default('1').meta({ description: 'Kept with each promise.' }),
        text: z.record(z.string().min(2).max(35), z.string().min(1).max(2000)).default(CONSENT).meta({
          description: 'What the customer agrees to, by language.',
        }),
      })
      .prefault({}),
    perAddressPerHour: z
      .int()
      .min(1)
      .max(100_000)
      .default(10)
      .meta({ description: 'Promises asked for by one internet address in an hour, on average.' }),
    perNumberPerDay: z
      .int()
      .min(1)
      .max(1000)
      .default(6)
      .meta({ description: 'Promises asked for to one number in a day, on average.' }),
    proofOfWorkBits: z.int().min(0).max(24).default(0).meta({
      description:
        "Work that a visitor's browser must do for a promise, each bit doubling it: 18 takes a second or so; 0 for none.",
    }),
    placeLinks: z.boolean().default(false).meta({
      description:
        'Whether the answer to `acd.contact.queued` events has links to the places in line, to be sent to the callers.',
    }),
    webhook: z
      .strictObject({
        url: z
          .url({ protocol: /^https?$/, error: 'must be a URL like https://dialer.example.org/callbacks' })
          .meta({ description: 'Where promises are sent to: the dialer or ACD.' }),
        ...webhookSecretFields,
      })
      .refine(hasOneSecret, ONE_SECRET)
      .optional(),
    codes: z
      .strictObject({
        url: z
          .url({ protocol: /^https?$/, error: 'must be a URL like https://sms.example.org/codes' })
          .meta({ description: 'Where number and code are sent to: a program of yours that sends text messages.' }),
        ...webhookSecretFields,
        minutes: z.int().min(1).max(60).default(10).meta({ description: 'For so long a code is good.' }),
        attempts: z
          .int()
          .min(1)
          .max(20)
          .default(5)
          .meta({ description: 'Wrong guesses after which a code is good no more.' }),
      })
      .refine(hasOneSecret, ONE_SECRET)
      .optional()
      .meta({ description: 'If given, whoever asks to be called back proves with a code that the number is his.' }),
  })
  .prefault({});
