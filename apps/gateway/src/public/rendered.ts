import { createHash } from 'node:crypto';

export interface RenderedBytes {
  readonly body: Buffer;
  /** Strong entity tag, quoted. */
  readonly etag: string;
}

/** A document as the bytes that everybody is sent: rendered when first asked for after a change. */
export class Rendered<Document> {
  private document: Document | undefined;
  private cached: RenderedBytes | null = null;

  get isSet(): boolean {
    return this.document !== undefined;
  }

  set(document: Document): void {
    this.document = document;
    this.cached = null;
  }

  clear(): void {
    this.document = undefined;
    this.cached = null;
  }

  /** @throws Error if no document has been set */
  bytes(): RenderedBytes {
    if (this.document === undefined) throw new Error('a public document was asked for before it was set');
    if (!this.cached) {
      const body = Buffer.from(JSON.stringify(this.document));
      this.cached = { body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"` };
    }
    return this.cached;
  }
}
