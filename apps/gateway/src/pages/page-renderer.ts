import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { ProblemException } from '@queuecast/http';
import type { CreatePages, PublicPages } from '@queuecast/live';
import type { Request, Response } from 'express';

/** A page that is ready to be sent. */
export interface BuiltPage {
  readonly locale: string;
  readonly bytes: Buffer;
  readonly gzipped: Buffer;
}

export interface SendOptions {
  readonly status?: number;
  /** `Cache-Control`: `no-store` if absent, for what belongs to one visitor. */
  readonly caching?: string;
}

/** What is asked for in a language tag, at most. */
const TAG_LENGTH = 35;

interface Loaded {
  readonly pages: PublicPages;
  /** What the pages may load: their own, and the styles that stand in them; but for where they may connect to. */
  readonly policy: string;
}

/** The public pages as they were built, with the headers that belong to them. */
export class PageRenderer {
  private loading: Promise<Loaded> | undefined;

  /** @param directory where the pages are built */
  constructor(private readonly directory: string) {}

  /** @throws ProblemException 503 while the pages are not built */
  async pages(): Promise<PublicPages> {
    return (await this.loaded()).pages;
  }

  /** Languages in order of wish: `lang`, then what the browser says. */
  wanted(request: Request): string[] {
    const asked = request.query['lang'];
    return [...(typeof asked === 'string' && asked !== '' ? [asked] : []), ...request.acceptsLanguages()]
      .filter((tag) => tag !== '*')
      .map((tag) => tag.slice(0, TAG_LENGTH));
  }

  /** @param render the page as HTML */
  async build(wanted: readonly string[], render: (pages: PublicPages) => string): Promise<BuiltPage> {
    const pages = await this.pages();
    const bytes = Buffer.from(render(pages));
    return { locale: pages.language(wanted).locale, bytes, gzipped: gzipSync(bytes) };
  }

  async send(request: Request, response: Response, page: BuiltPage, options: SendOptions = {}): Promise<void> {
    const { status = 200, caching = 'no-store' } = options;
    const isZipped = request.acceptsEncodings('gzip') === 'gzip';
    const body = isZipped ? page.gzipped : page.bytes;
    response.status(status);
    response.setHeader('Content-Security-Policy', `${(await this.loaded()).policy}; ${connections(request)}`);
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.setHeader('Content-Language', page.locale);
    response.setHeader('Vary', 'Accept-Language, Accept-Encoding');
    response.setHeader('Cache-Control', caching);
    if (caching === 'no-store') response.setHeader('X-Robots-Tag', 'noindex');
    if (isZipped) response.setHeader('Content-Encoding', 'gzip');
    response.setHeader('Content-Length', body.length);
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  private async loaded(): Promise<Loaded> {
    const [code, template] = [join(this.directory, 'server', 'page.mjs'), join(this.directory, 'page.html')];
    if (!this.loading && !(existsSync(code) && existsSync(template)))
      throw new ProblemException(503, {
        title: 'The pages are not built',
        detail: 'run npm run build, then start again; the API and the sockets work without the pages',
      });
    this.loading ??= load(code, template);
    return this.loading;
  }
}

/** Not every browser counts the sockets of an origin as its own. */
const connections = ({ headers: { host = '' } }: Request): string =>
  /^[\w.-]+(:\d+)?$/.test(host) ? `connect-src 'self' ws://${host} wss://${host}` : "connect-src 'self'";

const load = async (code: string, template: string): Promise<Loaded> => {
  const { createPages } = (await import(pathToFileURL(code).href)) as { readonly createPages: CreatePages };
  const pages = createPages(readFileSync(template, 'utf8'));
  const styles = pages.inlineStyles.map((style) => `'sha256-${createHash('sha256').update(style).digest('base64')}'`);
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' ${styles.join(' ')}`,
    "font-src 'self'",
    "img-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
  ].join('; ');
  return { pages, policy };
};
