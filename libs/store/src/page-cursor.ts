import type { z } from 'zod';
import { InvalidReportError } from './errors.js';

/** Where a page of rows ends, as opaque text: what tells its last row apart, in the order of rows. */
export class PageCursor<Place extends readonly (string | number)[]> {
  constructor(private readonly schema: z.ZodType<Place>) {}

  encode(place: Place): string {
    return Buffer.from(JSON.stringify(place)).toString('base64url');
  }

  /** @throws InvalidReportError for anything that {@link encode} did not make */
  decode(cursor: string): Place {
    const refused = new InvalidReportError('cursor: is not one that this API gave; start again without it');
    let value: unknown;
    try {
      value = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    } catch {
      throw refused;
    }
    const parsed = this.schema.safeParse(value);
    if (!parsed.success) throw refused;
    return parsed.data;
  }
}
