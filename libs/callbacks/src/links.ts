import { createCipheriv, createDecipheriv } from 'node:crypto';
import { z } from 'zod';
import { derivedKey } from './sealing.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const id = z.string().max(256);

/** What a link gives access to: one promise, or the place of one caller. */
export const linkSchema = z.discriminatedUnion('of', [
  z.object({ of: z.literal('callback'), tenant: id, site: id, queue: id, callback: id }),
  z.object({ of: z.literal('place'), tenant: id, site: id, queue: id, contact: id, leg: id, until: z.int() }),
]);
export type Link = z.output<typeof linkSchema>;

/**
 * Tokens of links, sealed: whoever has one can use it, nobody can make one or read what is in it. AES-256-GCM with a
 * random nonce, base64url.
 */
export class Links {
  /** @param key 32 bytes that are used for nothing else */
  constructor(private readonly key: Uint8Array) {}

  /** By the signing secret of an installation: every role makes and reads the same links. */
  static of(secret: Uint8Array): Links {
    return new Links(derivedKey(secret, 'links'));
  }

  /** @param nonce 12 random bytes */
  token(link: Link, nonce: Uint8Array): string {
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce);
    const sealed = Buffer.concat([cipher.update(JSON.stringify(link), 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64url');
  }

  /** What a token is of; null for anything that was not made here. */
  read(token: string): Link | null {
    if (!/^[A-Za-z0-9_-]{40,2048}$/.test(token)) return null;
    const bytes = Buffer.from(token, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', this.key, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
      const parsed = linkSchema.safeParse(JSON.parse(text.toString('utf8')));
      return parsed.success ? parsed.data : null;
    } catch {
      return null;
    }
  }
}

/** One caller's place in a queue: a stay of his contact. */
export type Caller = Omit<Extract<Link, { of: 'place' }>, 'of' | 'until'>;

/** A link as the ACD is given it. */
export interface PlaceLink {
  /** On the address of the gateway. */
  readonly path: string;
  readonly token: string;
  /** When it ends: RFC 3339. */
  readonly until: string;
}

/**
 * A link to a caller's place in line.
 *
 * @param until milliseconds since the epoch
 * @param nonce 12 random bytes
 */
export const placeLink = (links: Links, caller: Caller, until: number, nonce: Uint8Array): PlaceLink => {
  const token = links.token({ of: 'place', ...caller, until }, nonce);
  return { path: `/public/v1/places/${token}`, token, until: new Date(until).toISOString() };
};
