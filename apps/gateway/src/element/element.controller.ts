import { ProblemException } from '@queuecast/http';
import { Catalog, type CatalogQueue, type Settings } from '@queuecast/settings';
import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { GATEWAY_SETTINGS } from '../gateway.tokens.js';
import { matches } from '../public/entity-tag.js';
import { noSuchQueue } from '../public/no-such-queue.js';
import { ElementScript, type ElementVersion } from './element-script.js';
import { snippetOf, type Snippet } from './snippet.js';

/** A build lives for ever under its own name. */
const IMMUTABLE = 'public, max-age=31536000, immutable';
const LATEST = 'public, max-age=300, stale-while-revalidate=86400';

const wantedSchema = z.strictObject({
  tenant: z.string().max(64).optional(),
  queue: z.string().max(256).optional(),
  variant: z.enum(['line', 'card', 'big']).optional(),
  theme: z.enum(['light', 'dark', 'auto']).optional(),
  lang: z
    .string()
    .max(35)
    .regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, 'must be a language tag such as nl-BE')
    .optional(),
});

/** `<queue-wait>` for other websites: its script, by version and the latest, and what to paste into a page. */
@ApiTags('public')
@Controller('element')
export class ElementController {
  constructor(
    @Inject(ElementScript) private readonly script: ElementScript,
    @Inject(GATEWAY_SETTINGS) private readonly settings: Settings,
    @Inject(Catalog) private readonly catalog: Catalog,
  ) {}

  @Get('queue-wait.js')
  @ApiOperation({ summary: 'The latest script of <queue-wait>' })
  @ApiResponse({ status: 200, description: 'JavaScript, with a strong `ETag`.' })
  latest(@Req() request: Request, @Res() response: Response): void {
    send(request, response, this.current(), LATEST);
  }

  @Get(':version/queue-wait.js')
  @ApiOperation({ summary: 'One version of the script of <queue-wait>, for pages that pin it with an integrity hash' })
  @ApiResponse({ status: 200, description: 'JavaScript, which never changes.' })
  @ApiResponse({ status: 404, description: 'This version was never served from here.' })
  pinned(@Param('version') version: string, @Req() request: Request, @Res() response: Response): void {
    const found = this.script.version(version);
    if (!found) {
      response.setHeader('Access-Control-Allow-Origin', '*');
      throw new ProblemException(404, {
        title: 'No such version of the element',
        detail: 'it is not kept here: take the present one from /element/snippet',
      });
    }
    send(request, response, found, IMMUTABLE);
  }

  @Get('snippet')
  @ApiOperation({ summary: 'What to paste into a page to show a public queue, as text' })
  @ApiResponse({ status: 200, description: 'HTML, as text to copy.' })
  @ApiResponse({ status: 404, description: 'Unknown queue, or not public.' })
  @ApiQuery({ name: 'tenant', required: false, description: 'The first with a public queue if absent.' })
  @ApiQuery({ name: 'queue', required: false, description: 'The first public queue of the tenant if absent.' })
  @ApiQuery({ name: 'variant', required: false, enum: ['line', 'card', 'big'] })
  @ApiQuery({ name: 'theme', required: false, enum: ['light', 'dark', 'auto'] })
  @ApiQuery({ name: 'lang', required: false, description: 'Language tag.' })
  text(@Query() query: unknown, @Req() request: Request, @Res() response: Response): void {
    const { html } = this.snippet(query, request);
    response.setHeader('Cache-Control', 'no-cache');
    response.type('text/plain; charset=utf-8').end(html);
  }

  @Get('snippet.json')
  @ApiOperation({ summary: 'The same with the address of the script and its integrity hash, for templates' })
  @ApiResponse({ status: 200, description: '`html`, `script`, `version`, `integrity`.' })
  @ApiResponse({ status: 404, description: 'Unknown queue, or not public.' })
  json(@Query() query: unknown, @Req() request: Request, @Res() response: Response): void {
    const snippet = this.snippet(query, request);
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Cache-Control', 'no-cache');
    response.json(snippet);
  }

  private snippet(query: unknown, request: Request): Snippet {
    const parsed = wantedSchema.safeParse(query);
    if (!parsed.success)
      throw new ProblemException(400, {
        errors: parsed.error.issues.map(({ path, message }) => ({
          ...(path.length > 0 && { parameter: path.join('.') }),
          message,
        })),
      });
    const { tenant, queue, ...attributes } = parsed.data;
    const found = this.queue(tenant, queue);
    const { version, integrity } = this.current();
    return snippetOf({
      server: this.settings.server.publicUrl?.replace(/\/$/, '') ?? `${request.protocol}://${request.host}`,
      version,
      integrity,
      tenant: found.tenant,
      queue: found.id,
      attributes,
      linkText: found.name[attributes.lang?.split('-')[0] ?? 'en'] ?? Object.values(found.name)[0] ?? found.id,
    });
  }

  private queue(tenant: string | undefined, queue: string | undefined): CatalogQueue {
    const tenants = tenant === undefined ? this.catalog.tenants.map(({ id }) => id) : [tenant];
    const found = tenants
      .flatMap((id) => this.catalog.queues(id))
      .find((each) => each.public && (queue === undefined || each.id === queue));
    if (!found) throw new ProblemException(noSuchQueue.status, noSuchQueue);
    return found;
  }

  private current(): ElementVersion {
    const current = this.script.current();
    if (current) return current;
    throw new ProblemException(503, {
      title: 'The pages are not built',
      detail: 'run npm run build, then start again',
    });
  }
}

/** A script that any website may load. */
const send = (request: Request, response: Response, element: ElementVersion, caching: string): void => {
  const etag = `"${element.version}"`;
  response.setHeader('Access-Control-Allow-Origin', '*');
  response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
  response.setHeader('Cache-Control', caching);
  response.setHeader('ETag', etag);
  response.setHeader('Vary', 'Accept-Encoding');
  response.type('text/javascript; charset=utf-8');
  if (matches(request.headers['if-none-match'], etag)) {
    response.status(304).end();
    return;
  }
  const zipped = request.acceptsEncodings('gzip') === 'gzip';
  if (zipped) response.setHeader('Content-Encoding', 'gzip');
  const body = zipped ? element.gzipped : element.bytes;
  response.setHeader('Content-Length', body.length);
  response.end(request.method === 'HEAD' ? undefined : body);
};
