import type { CallbackRow, Challenge } from '@queuecast/callbacks';
import { z } from 'zod';
import type { Catalog, CatalogQueue } from '@queuecast/settings';
import type { Offer } from './offers.js';

const time = z.iso.datetime();
const windowSchema = z.object({ from: time, to: time });

/** What `POST` takes; the messages are words of the language files. */
export const wishSchema = z.strictObject({
  number: z.string('numberInvalid').min(3, 'numberInvalid').max(40, 'numberInvalid').meta({
    description: 'The number to call, as one dials it in the country of the tenant, or international with +.',
  }),
  consent: z
    .strictObject(
      {
        language: z.string('consentMissing').min(2, 'consentMissing').max(35, 'consentMissing'),
        version: z.string('consentMissing').min(1, 'consentMissing').max(64, 'consentMissing'),
      },
      'consentMissing',
    )
    .meta({ description: 'Language and version of the text that the customer agreed to, from the offer.' }),
  window: z
    .strictObject({ from: z.iso.datetime({ offset: true, error: 'windowUnknown' }) }, 'windowUnknown')
    .optional()
    .meta({ description: 'One of the windows of the offer; any time until it is due if absent.' }),
  proof: z
    .strictObject(
      { challenge: z.string('proof').max(256, 'proof'), solution: z.string('proof').max(64, 'proof') },
      'proof',
    )
    .optional()
    .meta({ description: 'The solved puzzle, where the offer has one and needs no code.' }),
  code: z
    .strictObject(
      { challenge: z.string('codeMissing').max(256, 'codeMissing'), code: z.string('codeWrong').max(16, 'codeWrong') },
      'codeMissing',
    )
    .optional()
    .meta({ description: 'The code that was sent to the number, where the offer needs one.' }),
});
export type WishBody = z.output<typeof wishSchema>;

/** What is to be sent a code. */
export const codeWishSchema = wishSchema.pick({ number: true, proof: true });

export type CodeWish = z.output<typeof codeWishSchema>;

export const codeDocument = z.object({
  challenge: z.string().meta({ description: 'To be sent back with the code that comes to the number.' }),
  digits: z.int().meta({ description: 'Of the code.' }),
  expiresAt: time,
});

export const moveSchema = z.strictObject({
  window: z.strictObject({ from: z.iso.datetime({ offset: true, error: 'windowUnknown' }) }, 'windowUnknown'),
});

export type MoveBody = z.output<typeof moveSchema>;

export const offerDocument = z.object({
  offered: z.boolean(),
  reason: z
    .enum(['never', 'short_wait', 'closed', 'full'])
    .nullable()
    .meta({ description: 'Why not; null if it is offered.' }),
  profile: z.enum(['be-24h', 'be-charter', 'custom']),
  dueAt: time.nullable().meta({ description: 'When a promise made now without a window is due at the latest.' }),
  timeZone: z.string().meta({ description: 'In which the windows are hours of the clock.' }),
  windows: z.array(windowSchema.extend({ free: z.boolean() })),
  consent: z.object({
    version: z.string(),
    text: z.record(z.string(), z.string()).meta({ description: 'By language.' }),
  }),
  region: z.string().meta({ description: 'Country whose national numbers are understood.' }),
  countries: z.array(z.string()),
  proofOfWork: z
    .object({
      challenge: z.string(),
      bits: z.int().meta({ description: 'SHA-256 of `challenge:solution` must begin with so many zero bits.' }),
      expiresAt: time,
    })
    .nullable(),
  codeNeeded: z
    .boolean()
    .meta({ description: 'Whether the number is to be proved with a code: `POST .../callbacks/codes` sends one.' }),
});

export const statusDocument = z.object({
  status: z.string().meta({ description: 'Path of this document: the link for the customer.' }),
  tenant: z.string(),
  queue: z.string(),
  name: z.record(z.string(), z.string()).meta({ description: 'Display name of the queue by language.' }),
  timeZone: z.string(),
  state: z.enum(['promised', 'overdue', 'kept', 'cancelled', 'withdrawn']).meta({
    description: '`overdue`: due and not kept yet. `withdrawn`: the centre called it off.',
  }),
  promisedAt: time,
  dueAt: time,
  window: windowSchema.nullable(),
  attempts: z.int().meta({ description: 'How often a call was tried.' }),
  closedAt: time.nullable(),
  canChange: z.boolean().meta({ description: 'Whether it can still be moved or cancelled.' }),
});
export type StatusDocument = z.output<typeof statusDocument>;

const iso = (at: number): string => new Date(at).toISOString();
const span = ({ from, to }: { readonly from: number; readonly to: number }) => ({ from: iso(from), to: iso(to) });

/** The offer as visitors get it. */
export const offerJson = (
  queue: CatalogQueue,
  catalog: Catalog,
  offer: Offer,
  challenge: Challenge | null,
  codeNeeded: boolean,
): z.output<typeof offerDocument> => {
  const callbacks = catalog.tenant(queue.tenant)?.callbacks;
  const { region = 'BE', countries = [] } = callbacks ?? {};
  return {
    offered: offer.reason === null,
    reason: offer.reason,
    profile: queue.callbacks.profile,
    dueAt: offer.dueAt === null ? null : iso(offer.dueAt),
    timeZone: queue.timeZone,
    windows: offer.windows.map((window) => ({ ...span(window), free: window.free })),
    consent: callbacks?.consent ?? { version: '1', text: {} },
    region,
    countries: countries.length > 0 ? countries : [region],
    proofOfWork: challenge && { ...challenge, expiresAt: iso(challenge.expiresAt) },
    codeNeeded,
  };
};

/** How a promise stands, and whether it can still be moved or cancelled. */
export const stateOf = ({ state, dueAt }: CallbackRow, now: number): Pick<StatusDocument, 'state' | 'canChange'> => {
  if (state !== 'open') return { state, canChange: false };
  return dueAt < now ? { state: 'overdue', canChange: false } : { state: 'promised', canChange: true };
};

/** A promise as whoever has its link gets it: nothing of the number. */
export const statusJson = (token: string, queue: CatalogQueue, row: CallbackRow, now: number): StatusDocument => {
  const { state, canChange } = stateOf(row, now);
  return {
    status: `/public/v1/callbacks/${token}`,
    tenant: queue.tenant,
    queue: queue.id,
    name: queue.name,
    timeZone: queue.timeZone,
    state,
    promisedAt: iso(row.promisedAt),
    dueAt: iso(row.dueAt),
    window: row.window && span(row.window),
    attempts: row.attempts,
    closedAt: row.closedAt === null ? null : iso(row.closedAt),
    canChange,
  };
};
