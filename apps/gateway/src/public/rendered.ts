import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SECURITY_HEADERS } from '@queuecast/http';
import { matches } from './entity-tag.js';

/** Of what is the same for everybody. */
export const PUBLIC_CACHING = 'public, max-age=5, stale-while-revalidate=30, stale-if-error=300';
/** Any website may show it. */
const ANY_WEBSITE = { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' };
const ALWAYS = Object.entries({
  ...SECURITY_HEADERS,
  ...ANY_WEBSITE,
  'Access-Control-Expose-Headers': 'ETag, Date, Age',
}).flat();

export interface RenderedBytes {
  readonly body: Buffer;
  /** Strong entity tag, quoted. */
  readonly etag: string;
  /** Headers of the answers, as `writeHead` takes them: name, value, name, value. */
  readonly headers: { readonly found: string[]; readonly notModified: string[] };
}

/** A document as the bytes that everybody is sent: rendered when first asked for after a change. */
export class Rendered<Document> {
  private document: Document | undefined;
  private cached: RenderedBytes | null = null;

  /** @param caching `Cache-Control` of its answers */
  constructor(private readonly caching = PUBLIC_CACHING) {}

  /** Undefined until it is set. */
  get value(): Document | undefined {
    return this.document;
  }

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
    return (this.cached ??= render(this.document, this.caching));
  }
}

const render = (document: unknown, caching: string): RenderedBytes => {
  const body = Buffer.from(JSON.stringify(document));
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
  const notModified = [...ALWAYS, 'Cache-Control', caching, 'ETag', etag];
  const found = [...notModified, 'Content-Type', 'application/json', 'Content-Length', String(body.length)];
  return { body, etag, headers: { found, notModified } };
};

/** Answers with a document, or with 304 to whoever has it already. */
export const sendRendered = <Document>(
  request: IncomingMessage,
  response: ServerResponse,
  rendered: Rendered<Document>,
): void => {
  const { body, etag, headers } = rendered.bytes();
  if (matches(request.headers['if-none-match'], etag)) response.writeHead(304, headers.notModified).end();
  else response.writeHead(200, headers.found).end(request.method === 'HEAD' ? undefined : body);
};

/** What {@link sendRendered} says of who may show it, for an answer that is no such document. */
export const allowAnyWebsite = (response: ServerResponse): void => {
  for (const [name, value] of Object.entries(ANY_WEBSITE)) response.setHeader(name, value);
};
