import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** One build of the element's script. */
export interface ElementVersion {
  /** Made from the content: the same bytes have the same name for ever. */
  readonly version: string;
  /** For the `integrity` attribute (Subresource Integrity, W3C): `sha384-` and the digest in base64. */
  readonly integrity: string;
  readonly bytes: Buffer;
  readonly gzipped: Buffer;
}

const VERSION = /^[0-9a-f]{16}$/;

/**
 * The script of `<queue-wait>`, by version. A website that pins a version by its hash must find it after the gateway
 * has been updated, too: every version that was ever served from this directory is kept there.
 */
export class ElementScript {
  readonly #path: string;
  readonly #keptIn: string;
  readonly #warn: (message: string) => void;
  readonly #known = new Map<string, ElementVersion>();
  #current: ElementVersion | undefined;

  /**
   * @param webDirectory where the pages are built
   * @param dataDirectory versions are kept in `element/` of it
   */
  constructor(webDirectory: string, dataDirectory: string, warn: (message: string) => void) {
    this.#path = join(webDirectory, 'element', 'queue-wait.js');
    this.#keptIn = join(dataDirectory, 'element');
    this.#warn = warn;
  }

  /** The version of this installation; undefined while the pages are not built. */
  current(): ElementVersion | undefined {
    if (this.#current || !existsSync(this.#path)) return this.#current;
    this.#current = versionOf(readFileSync(this.#path));
    this.#known.set(this.#current.version, this.#current);
    this.#keep(this.#current);
    return this.#current;
  }

  /** @returns undefined if it was never served from here */
  version(name: string): ElementVersion | undefined {
    const current = this.current();
    if (current?.version === name) return current;
    const known = this.#known.get(name);
    if (known || !VERSION.test(name)) return known;
    const path = this.#pathOf(name);
    if (!existsSync(path)) return undefined;
    const kept = versionOf(readFileSync(path));
    // A file that is not what its name says would be refused by every browser.
    if (kept.version !== name) return undefined;
    this.#known.set(name, kept);
    return kept;
  }

  #pathOf(version: string): string {
    return join(this.#keptIn, `${version}.js`);
  }

  #keep({ version, bytes }: ElementVersion): void {
    try {
      mkdirSync(this.#keptIn, { recursive: true });
      if (!existsSync(this.#pathOf(version))) writeFileSync(this.#pathOf(version), bytes);
    } catch (error) {
      this.#warn(
        `this version of the element cannot be kept for websites that pin it (${(error as Error).message}): ` +
          'make dataDir writable, or renew their snippets after an update',
      );
    }
  }
}

const versionOf = (bytes: Buffer): ElementVersion => {
  const digest = createHash('sha384').update(bytes).digest();
  return {
    version: digest.toString('hex').slice(0, 16),
    integrity: `sha384-${digest.toString('base64')}`,
    bytes,
    gzipped: gzipSync(bytes, { level: 9 }),
  };
};
