import { z } from 'zod';

const DAY_MS = 86_400_000;

const moment = z.iso
  .datetime({ offset: true, error: 'must be an RFC 3339 time with a zone, for instance 2026-03-01T09:30:00Z' })
  .transform((text) => Date.parse(text));

/** Which records of an audit are asked for. */
export const auditQuery = z.strictObject({
  tenant: z.string().optional(),
  from: moment.optional(),
  to: moment.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** The range that a query asks for, milliseconds since the epoch: up to now, and of a day, unless it says otherwise. */
export const auditRange = ({ from, to, limit }: z.output<typeof auditQuery>, now: number) => {
  const end = to ?? now;
  return { from: from ?? end - DAY_MS, to: end, limit };
};
