import { randomBytes } from 'node:crypto';
import { Links, placeLink } from '@queuecast/callbacks';
import { ApiKeys, jsonBody, ProblemException } from '@queuecast/http';
import { Catalog, type CatalogQueue } from '@queuecast/settings';
import { Controller, Get, Inject, Param, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { statusDocument, wishSchema } from '../callbacks/documents.js';
import { Anywhere } from '../callbacks/anywhere.js';
import { CallbackDesk } from '../callbacks/callback-desk.js';
import { refusal, VisitorLanguage } from '../callbacks/words.js';
import { FrameCache } from '../frames/frame-cache.js';
import { CLOCK, type Clock } from '../gateway.tokens.js';
import { ByKey, jsonContent, openApi } from '../openapi.js';
import { Places, type Place, type PlaceLink } from './places.js';
import { ToldPlaces } from './told-places.js';

const id = (name: string) => z.string(`${name} must be a string`).min(1, `${name} must not be empty`).max(256);
const mintBody = z.strictObject({
  queue: id('queue').meta({ description: 'A queue of the configuration.' }),
  contact: id('contact'),
  leg: id('leg'),
  ttlSeconds: z.int().min(60).max(86_400).default(14_400),
});

const placeDocument = z.object({
  tenant: z.string(),
  queue: z.string(),
  name: z.record(z.string(), z.string()),
  state: z.enum(['waiting', 'gone']).meta({ description: '`gone`: answered, or left the queue.' }),
  position: z.int().nullable().meta({
    description: '1 is served next. Null unless the queue is first come, first served, and while that is not known.',
  }),
  waiting: z.int().nullable(),
  since: z.iso.datetime().nullable(),
  remaining: z
    .object({
      lowMinutes: z.int(),
      highMinutes: z.int(),
      asOf: z.iso.datetime().meta({ description: 'When it was worked out.' }),
    })
    .nullable()
    .meta({
      description:
        'What is left of the wait, rounded; null where there is no estimate. Four in five wait so long, and nobody is told of a sudden far more than before.',
    }),
  canSwap: z.boolean().meta({ description: 'Whether `POST .../callback` can be asked.' }),
  until: z.iso.datetime().meta({ description: 'When the link ends.' }),
});

/** One caller's own place in line, and its exchange for a call back. */
@ApiTags('places')
@Controller()
export class PlacesController {
  private readonly told: ToldPlaces;

  constructor(
    @Inject(Places) private readonly places: Places,
    @Inject(CallbackDesk) private readonly desk: CallbackDesk,
    @Inject(Links) private readonly links: Links,
    @Inject(ApiKeys) private readonly keys: ApiKeys,
    @Inject(Catalog) private readonly catalog: Catalog,
    @Inject(FrameCache) private readonly frames: FrameCache,
    @Inject(CLOCK) private readonly now: Clock,
  ) {
    this.told = new ToldPlaces(now);
  }

  @Post('v1/places')
  @ByKey()
  @ApiOperation({
    summary: 'A link to the place in line of one caller',
    description: 'For the ACD, with the scope `ingest`: to be sent to the caller, and to nobody else.',
  })
  @ApiBody({ schema: openApi(mintBody, 'input') })
  @ApiResponse({ status: 201, description: '`path` on the address of the gateway, `token` and `until`.' })
  @ApiResponse({ status: 404, description: 'The queue is not in the configuration.' })
  async mint(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { tenant } = this.keys.require(request, 'ingest', 'places');
    const { queue: queueId, contact, leg, ttlSeconds } = await jsonBody(request, mintBody);
    const queue = this.catalog.queue(tenant, queueId);
    if (!queue.configured)
      throw new ProblemException(404, {
        detail: `queue ${queueId.slice(0, 64)} of ${tenant} is not in the configuration`,
      });
    const until = this.now() + ttlSeconds * 1000;
    const caller = { tenant, site: queue.site, queue: queueId, contact, leg };
    response.setHeader('Cache-Control', 'no-store');
    response.status(201).json(placeLink(this.links, caller, until, randomBytes(12)));
  }

  @Get('public/v1/places/:token')
  @UseGuards(Anywhere)
  @ApiOperation({ summary: 'Where the caller of a link stands, and what is left of the wait' })
  @ApiResponse({
    status: 200,
    description: 'The place.',
    content: jsonContent(placeDocument),
  })
  @ApiResponse({ status: 404, description: 'No such link, or it has ended.' })
  async show(
    @Param('token') token: string,
    @VisitorLanguage() language: string,
    @Res() response: Response,
  ): Promise<void> {
    const { link, queue } = this.linked(token, language);
    const place = await this.placeOf(link, language);
    const told = place && this.told.next(link, place, this.frames.frame(queue.tenant, queue.id));
    const document: z.output<typeof placeDocument> = {
      tenant: queue.tenant,
      queue: queue.id,
      name: queue.name,
      state: place ? 'waiting' : 'gone',
      position: told?.position ?? null,
      waiting: place?.waiting ?? null,
      since: place && new Date(place.queuedAt).toISOString(),
      remaining: told?.remaining ?? null,
      canSwap: place !== null && queue.callbacks.offer !== 'never',
      until: new Date(link.until).toISOString(),
    };
    response.json(document);
  }

  @Post('public/v1/places/:token/callback')
  @UseGuards(Anywhere)
  @ApiOperation({
    summary: 'Give up the place for a call back',
    description:
      'The promise keeps the time of joining, the priority and the position; the caller leaves the queue as `callback_taken`. The body is that of asking for a call back. There is one promise for a place: asked again with the same number it is that one.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: false })
  @ApiBody({ schema: openApi(wishSchema, 'input') })
  @ApiResponse({
    status: 201,
    description: 'Promised; the document is that of a promise.',
    content: jsonContent(statusDocument),
  })
  @ApiResponse({ status: 404, description: 'No such link, or it has ended.' })
  @ApiResponse({
    status: 409,
    description:
      'The caller does not wait any more, has given up the place for another number, or no call can be promised.',
  })
  async swap(
    @Param('token') token: string,
    @VisitorLanguage() language: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { link, queue } = this.linked(token, language);
    const place = await this.placeOf(link, language);
    await this.desk.promise(queue, { contact: link.contact, leg: link.leg, place }, language, request, response);
  }

  private linked(token: string, language: string): { readonly link: PlaceLink; readonly queue: CatalogQueue } {
    const link = this.links.read(token);
    const queue = link?.of === 'place' && this.catalog.queue(link.tenant, link.queue, link.site);
    if (link?.of !== 'place' || !queue || link.until <= this.now())
      throw refusal(language, 404, 'notFound', 'linkUnknown');
    return { link, queue };
  }

  private placeOf(link: PlaceLink, language: string): Promise<Place | null> {
    return this.desk.patiently(language, () => this.places.of(link));
  }
}
