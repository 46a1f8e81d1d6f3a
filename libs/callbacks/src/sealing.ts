import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** The sealed form cannot be opened: the key is not there any more, or it is not what was sealed for this promise. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

export interface SealingKey {
  /** Letters, digits, dash and underscore; at most 32. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** What a number is bound to: it cannot be opened as the number of another promise. */
export interface SealedFor {
  readonly tenant: string;
  readonly callback: string;
}

/**
 * Reads keys as they are configured: `id:key` separated by commas or white space, each key 32 bytes in base64,
 * base64url or hexadecimal. The first seals, all open.
 *
 * @throws RangeError naming the entry by its place, never by its content
 */
export const parseSealingKeys = (text: string): SealingKey[] => {
  const keys = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((entry, n): SealingKey => {
      const [, id, encoded] = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/_=-]+)$/.exec(entry) ?? [];
      if (id === undefined || encoded === undefined)
        throw new RangeError(`key ${n + 1} must read id:key, the id of letters, digits, dash and underscore`);
      const key = /^[0-9a-f]{64}$/i.test(encoded) ? Buffer.from(encoded, 'hex') : Buffer.from(encoded, 'base64');
      if (key.length !== KEY_BYTES)
        throw new RangeError(`key ${id} must have ${KEY_BYTES} bytes, not ${key.length}: openssl rand -base64 32`);
      return { id, key };
    });
  if (keys.length === 0) throw new RangeError('there must be at least one key: id:$(openssl rand -base64 32)');
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new RangeError('every key must have its own id');
  return keys;
};

/** Seals numbers with the first key, and opens what any of them sealed. To rotate, put a new key in front. */
export class NumberSeal {
  private readonly keys: ReadonlyMap<string, Uint8Array>;
  private readonly first: SealingKey;

  constructor(keys: readonly SealingKey[]) {
    const [first] = keys;
    if (!first) throw new RangeError('there must be at least one key');
    this.first = first;
    this.keys = new Map(keys.map(({ id, key }) => [id, key]));
  }

  /**
   * `v1.<key id>.<nonce>.<ciphertext and tag>`: AES-256-GCM (NIST SP 800-38D) with a nonce of 96 random bits; the
   * version, the key's id, the tenant and the promise are the associated data.
   *
   * @param nonce 12 random bytes that are used for nothing else
   */
  seal(number: string, to: SealedFor, nonce: Uint8Array): string {
    if (nonce.length !== NONCE_BYTES) throw new RangeError(`the nonce must have ${NONCE_BYTES} bytes`);
    const { id, key } = this.first;
    const cipher = createCipheriv(CIPHER, key, nonce);
    cipher.setAAD(associated(id, to));
    const sealed = Buffer.concat([cipher.update(number, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `v1.${id}.${Buffer.from(nonce).toString('base64url')}.${sealed.toString('base64url')}`;
  }

  /** @throws SealError without the number */
  open(sealed: string, of: SealedFor): string {
    const [version, id = '', nonceText = '', text = ''] = sealed.split('.');
    const key = this.keys.get(id);
    const bytes = Buffer.from(text, 'base64url');
    const nonce = Buffer.from(nonceText, 'base64url');
    if (version !== 'v1' || bytes.length < TAG_BYTES || nonce.length !== NONCE_BYTES)
      throw new SealError('this is not a sealed number');
    if (!key) throw new SealError(`the number was sealed with key ${id}, which is not configured any more`);
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(associated(id, of));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8');
    } catch {
      throw new SealError(`the number does not open with key ${id}: it was changed, or sealed for another promise`);
    }
  }

  /** The id of the key that seals now. */
  get current(): string {
    return this.first.id;
  }
}

const associated = (keyId: string, { tenant, callback }: SealedFor): Buffer =>
  Buffer.from(JSON.stringify(['v1', keyId, tenant, callback]), 'utf8');

/** A key for one purpose, derived from a secret (HKDF-SHA-256, RFC 5869): keys of two purposes tell nothing of each other. */
export const derivedKey = (secret: Uint8Array, purpose: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, 'queuecast', purpose, KEY_BYTES));

/** Keyed hashes that link equal values and tell nothing of them without the key: HMAC-SHA-256, 128 bits, base64url. */
export class KeyedHash {
  constructor(private readonly key: Uint8Array) {}

  of(...parts: readonly string[]): string {
    return createHmac('sha256', this.key).update(JSON.stringify(parts)).digest().subarray(0, 16).toString('base64url');
  }
}
