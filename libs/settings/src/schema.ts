import { z } from 'zod';
import { queueCallbacksSchema, tenantCallbacksSchema } from './callbacks-schema.js';
import { tenantWebhooksSchema } from './webhooks-schema.js';

const slug = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'must hold letters, digits, dot, dash and underscore only, begin with a letter or digit, and have at most 64',
  );
const seconds = z.int().min(0).max(86_400);
/** 46 days: a call is answered in seconds, an e-mail in days. */
export const MOST_THRESHOLD_SECONDS = 4_000_000;
const threshold = z.int().min(0).max(MOST_THRESHOLD_SECONDS);
const text = z
  .union([z.string(), z.record(z.string(), z.string())])
  .transform((value): Record<string, string> => (typeof value === 'string' ? { en: value } : value))
  .meta({ description: 'One text, or a text per language: { en: Support, fr: Assistance }.' });
const timeZone = z
  .string()
  .refine((zone) => isTimeZone(zone), 'must be an IANA time zone, for instance Europe/Brussels')
  .meta({ description: 'IANA time zone.' });
const span = z
  .string()
  .regex(
    /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/,
    'must read like 08:00-20:00 (24:00 is the end of the day)',
  )
  .refine(
    (text) => text.slice(0, 5) < text.slice(6),
    'must end after it begins: write a night as 22:00-24:00 on one day and 00:00-06:00 on the next',
  );
const day = z.array(span).max(8).default([]);

/** Whether this is an IANA time zone that this machine knows. */
export const isTimeZone = (zone: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

export const hoursSchema = z
  .union([
    z.literal('always'),
    z.strictObject({ mon: day, tue: day, wed: day, thu: day, fri: day, sat: day, sun: day }),
  ])
  .default('always')
  .meta({
    description: "`always`, or the opening spans of each weekday in the queue's zone; a weekday left out is closed.",
  });

export const queueSchema = z.strictObject({
  id: slug.meta({ description: 'Queue id as it appears in events; unique in the tenant.' }),
  site: slug.default('main').meta({ description: 'The site whose events carry this queue.' }),
  name: text.optional().meta({ description: 'Display name; the id if absent.' }),
  public: z.boolean().default(false).meta({ description: 'Whether anonymous visitors may see wait and opening.' }),
  thresholdSeconds: threshold.default(150).meta({ description: 'Service level: answered within this many seconds.' }),
  target: z.number().min(0).max(1).default(0.8).meta({ description: 'Share to be answered within the threshold.' }),
  shortAbandonSeconds: threshold.default(5).meta({ description: 'Abandons below this are short abandons.' }),
  timeZone: timeZone.optional().meta({ description: "The tenant's zone if absent." }),
  businessDayStart: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day like 04:00')
    .default('00:00')
    .meta({ description: 'When "today" begins, local time.' }),
  group: slug.optional().meta({
    description:
      'Queues of the same group count as one for repeat contacts and first-contact resolution; by itself if absent.',
  }),
  suspectOvertakenBy: z.int().min(0).max(100).default(10).meta({
    description:
      'A waiting contact is suspected to be gone when this many that joined later, of its priority, were answered; 0 where contacts are not served in turn.',
  }),
  suspectSilent: z.boolean().default(true).meta({
    description:
      'Whether a contact that was overtaken and has not been heard of for longer than 99.9 % wait is suspected to be gone.',
  }),
  hours: hoursSchema,
  holidays: z
    .array(z.iso.date('must be a date like 2026-12-25'))
    .max(366)
    .default([])
    .meta({ description: 'Dates on which the queue is closed.' }),
  callbacks: queueCallbacksSchema,
});

export const apiKeySchema = z
  .strictObject({
    name: slug.meta({ description: 'For logs and metrics; unique in the tenant.' }),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits: printf %s "$KEY" | sha256sum')
      .optional()
      .meta({ secret: true, description: 'SHA-256 of the key, in hexadecimal. Exactly one of sha256 and env.' }),
    env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable')
      .optional()
      .meta({ description: 'Environment variable that holds the key.' }),
    scopes: z
      .array(z.enum(['ingest', 'reports']))
      .min(1)
      .default(['ingest'])
      .meta({ description: 'ingest: may send events. reports: may read reports and mint wallboard tokens.' }),
  })
  .refine((key) => (key.sha256 === undefined) !== (key.env === undefined), 'must have exactly one of sha256 and env');

export const tenantSchema = z.strictObject({
  id: slug.meta({ description: 'Tenant id as it appears in events.' }),
  name: z.string().max(200).optional().meta({ description: 'Display name; the id if absent.' }),
  timeZone: timeZone.default('UTC').meta({ description: 'IANA time zone of the queues that name none.' }),
  repeatDays: z
    .int()
    .min(1)
    .max(366)
    .default(7)
    .meta({ description: 'A caller who comes again within this many days makes a repeat contact.' }),
  queues: z
    .array(queueSchema)
    .max(5000)
    .default([])
    .meta({ description: 'A queue that sends events and is not listed here gets the defaults, and is not public.' }),
  callbacks: tenantCallbacksSchema,
  webhooks: tenantWebhooksSchema.optional(),
  apiKeys: z.array(apiKeySchema).max(100).default([]).meta({ description: 'Keys of the programs that may connect.' }),
});

export const settingsSchema = z.strictObject({
  server: z
    .strictObject({
      port: z
        .int()
        .min(0)
        .max(65_535)
        .default(8080)
        .meta({ env: 'QUEUECAST_PORT', description: 'HTTP and WebSocket port; 0 picks a free one.' }),
      host: z.string().default('127.0.0.1').meta({ env: 'QUEUECAST_HOST', description: 'Address to listen on.' }),
      proxies: z.int().min(0).max(10).default(0).meta({
        description:
          'Proxies of yours in front of this server: so many of the last addresses of X-Forwarded-For are believed when requests are limited by address.',
      }),
      publicUrl: z.url().optional().meta({ description: 'Origin that browsers use, if a proxy stands in front.' }),
    })
    .prefault({}),
  dataDir: z.string().default('./data').meta({
    env: 'QUEUECAST_DATA_DIR',
    description: 'Directory of the embedded log and store, and of the signing secret.',
  }),
  secretEnv: z.string().default('QUEUECAST_SECRET').meta({
    description: 'Environment variable with the secret that signs wallboard tokens; made and kept in dataDir if unset.',
  }),
  callbacks: z
    .strictObject({
      numberKeys: z.string().optional().meta({
        env: 'QUEUECAST_NUMBER_KEYS',
        secret: true,
        description:
          'Keys that seal the numbers to call back, `id:base64` separated by commas: the first seals, all open. Made and kept in dataDir if unset; roles of their own need the same ones.',
      }),
    })
    .prefault({}),
  kafka: z
    .strictObject({
      brokers: z
        .array(
          z.string().regex(/^[^\s:]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/, 'must be host:port, like kafka-1:9092'),
        )
        .default([])
        .meta({ env: 'QUEUECAST_KAFKA_BROKERS', description: 'host:port list; empty means the embedded log.' }),
      topicPrefix: slug
        .default('queuecast')
        .meta({ description: 'Topics are <prefix>.events, <prefix>.dead-letters and <prefix>.frames.' }),
      partitions: z
        .int()
        .min(1)
        .max(1000)
        .default(6)
        .meta({ description: 'For topics that Queuecast creates; sites spread over them.' }),
      replicationFactor: z
        .int()
        .min(1)
        .max(9)
        .default(1)
        .meta({ description: 'For topics that Queuecast creates: 3 in production.' }),
      groupId: slug.default('queuecast-processor').meta({
        description:
          'Consumer group of all processors of one installation; Kafka knows it as this id with .events appended.',
      }),
    })
    .prefault({}),
  clickhouse: z
    .strictObject({
      url: z
        .url({ protocol: /^https?$/, error: 'must be a URL like http://user:password@host:8123/database' })
        .optional()
        .meta({
          env: 'QUEUECAST_CLICKHOUSE_URL',
          secret: true,
          description: 'http(s)://user:password@host:8123/database; absent means the embedded engine.',
        }),
      requestTimeoutSeconds: z.int().min(1).max(120).default(30).meta({
        description:
          'A write, or a read that the wallboard or a restart waits for, that is unanswered for so long counts as lost, and is repeated. Reports have 60 seconds.',
      }),
    })
    .prefault({}),
  log: z
    .strictObject({
      partitions: z
        .int()
        .min(1)
        .max(256)
        .default(4)
        .meta({ description: 'Partitions of the embedded log; fixed when it is created.' }),
      retentionHours: z
        .int()
        .min(1)
        .default(72)
        .meta({ description: 'Embedded log: age after which records may be trimmed.' }),
      retentionBytes: z
        .int()
        .min(1_000_000)
        .default(8_000_000_000)
        .meta({ description: 'Embedded log: size above which the oldest records may be trimmed.' }),
    })
    .prefault({}),
  ingest: z
    .strictObject({
      maxEventBytes: z
        .int()
        .min(1024)
        .max(1_000_000)
        .default(65_536)
        .meta({ description: 'Largest single event, as JSON.' }),
      maxBatchEvents: z.int().min(1).max(100_000).default(10_000).meta({ description: 'Most events in one request.' }),
      maxBodyBytes: z
        .int()
        .min(1024)
        .default(16_777_216)
        .meta({ description: 'Largest request body, after decompression.' }),
      maxFutureSkewSeconds: z
        .int()
        .min(0)
        .default(300)
        .meta({ description: "How far an event's time may be ahead of this server's clock." }),
    })
    .prefault({}),
  processor: z
    .strictObject({
      flushRows: z.int().min(1).default(20_000).meta({ description: 'Flush after this many changed rows...' }),
      flushMs: z.int().min(1).default(500).meta({
        description:
          '...or this many milliseconds, whichever comes first, but not while the store rests from the last flush.',
      }),
      longestRestSeconds: z.number().min(0).max(60).default(10).meta({
        description:
          'The store rests three times as long as a flush took, at most this many seconds: reports and figures of the day are as much older. 0: never.',
      }),
      maxUnflushedEvents: z
        .int()
        .min(1000)
        .default(200_000)
        .meta({ description: 'Stop reading the log when this many events wait for the store.' }),
      sourceQuietSeconds: seconds
        .default(30)
        .meta({ description: 'A source that sends only heartbeats for this long is shown as quiet.' }),
      sourceSilentSeconds: seconds
        .default(120)
        .meta({ description: 'A source that sends nothing at all for this long is shown as silent.' }),
    })
    .prefault({}),
  live: z
    .strictObject({
      framesPerSecond: z.int().min(1).max(20).default(4).meta({ description: 'Most frames per queue and second.' }),
      maxPublicSockets: z
        .int()
        .min(0)
        .default(50_000)
        .meta({ description: 'Above this many anonymous sockets, new ones are told to poll instead.' }),
    })
    .prefault({}),
  outlook: z
    .strictObject({
      weeks: z
        .int()
        .min(1)
        .max(52)
        .default(8)
        .meta({ description: 'Weeks of history that the outlook is learnt from.' }),
      halfLifeDays: z
        .int()
        .min(1)
        .max(366)
        .default(21)
        .meta({ description: 'A contact of so many days ago counts half as much as one of today.' }),
      minContacts: z.int().min(10).max(10_000).default(20).meta({
        description:
          'An hour of the week with fewer contacts in that time has too few data; the public is shown no other.',
      }),
      refreshMinutes: z.int().min(1).max(1440).default(30).meta({ description: 'History is read again this often.' }),
    })
    .prefault({})
    .meta({ description: 'Expected waits by hour, for the rest of today and the week.' }),
  tenants: z
    .array(tenantSchema)
    .max(1000)
    .default([])
    .meta({ description: 'Who uses this installation; nobody sees anything of another tenant.' }),
});

/** All settings, validated and with defaults filled in. */
export type Settings = z.output<typeof settingsSchema>;
export type TenantSettings = z.output<typeof tenantSchema>;
export type QueueSettings = z.output<typeof queueSchema>;
export type Hours = z.output<typeof hoursSchema>;
