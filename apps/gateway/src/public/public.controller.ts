import type { ProblemException } from '@queuecast/http';
import { publicOutlookSchema, publicQueueSchema, type PromiseRecord } from '@queuecast/live';
import { StoreAwayError } from '@queuecast/store';
import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { PromiseRecords } from '../callbacks/promise-record.js';
import { languageOf, refusal } from '../callbacks/words.js';
import { jsonContent } from '../openapi.js';
import { PublicQueues } from './public-queues.js';
import { allowAnyWebsite, Rendered, sendRendered } from './rendered.js';

/** A record of three months changes slowly. */
const RECORD_CACHING = 'public, max-age=300, stale-if-error=86400';

const tenantsDocument = z.array(z.object({ tenant: z.string(), name: z.string() }));
const tenantDocument = z.object({ tenant: z.string(), name: z.string(), queues: z.array(publicQueueSchema) });
const count = z.int().nullable();
const recordDocument = z.object({
  tenant: z.string(),
  days: z.int().meta({ description: 'Of so many days.' }),
  due: count.meta({ description: 'Promises of public queues that fell due.' }),
  kept: count.meta({ description: 'Of these: kept in time.' }),
  late: count.meta({ description: 'Of these: kept too late.' }),
  broken: count.meta({ description: 'Of these: not kept.' }),
}) satisfies z.ZodType<PromiseRecord>;

/**
 * The public documents for caches and for browsers without a socket: the same bytes for everybody. Those that exist have
 * mostly been answered in front of the routes already ({@link publicFront}).
 */
@ApiTags('public')
@ApiQuery({ name: 'lang', required: false, description: 'Language of problem documents; otherwise Accept-Language.' })
@Controller('public/v1')
export class PublicController {
  private readonly renderedRecords = new Map<string, Rendered<PromiseRecord>>();

  constructor(
    @Inject(PublicQueues) private readonly queues: PublicQueues,
    @Inject(PromiseRecords) private readonly records: PromiseRecords,
  ) {}

  @Get('tenants.json')
  @ApiOperation({ summary: 'Tenants that have a public queue' })
  @ApiResponse({ status: 200, description: 'All of them.', content: jsonContent(tenantsDocument) })
  @ApiResponse({ status: 304, description: 'Not changed since the `If-None-Match` given.' })
  tenants(@Req() request: Request, @Res() response: Response): void {
    answer(request, response, this.queues.list);
  }

  @Get(':tenant/queues.json')
  @ApiOperation({ summary: 'Public queues of a tenant' })
  @ApiResponse({ status: 200, description: 'All public queues of the tenant.', content: jsonContent(tenantDocument) })
  @ApiResponse({ status: 304, description: 'Not changed since the `If-None-Match` given.' })
  @ApiResponse({ status: 404, description: 'Unknown tenant, or none of its queues is public.' })
  tenant(@Param('tenant') tenant: string, @Req() request: Request, @Res() response: Response): void {
    answer(request, response, this.queues.renderedTenant(tenant));
  }

  @Get(':tenant/promise-record.json')
  @ApiOperation({
    summary: 'How a tenant keeps its promises of a call back',
    description:
      'Promises of its public queues of the last 90 days that fell due: kept in time, too late, or not; null below ten, and for the latter two where one of them is from one to nine.',
  })
  @ApiResponse({ status: 200, description: 'The record.', content: jsonContent(recordDocument) })
  @ApiResponse({ status: 304, description: 'Not changed since the `If-None-Match` given.' })
  @ApiResponse({ status: 404, description: 'Unknown tenant, or none of its queues is public.' })
  @ApiResponse({ status: 503, description: 'The history store is away: ask again after `Retry-After`.' })
  async record(@Param('tenant') tenant: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    allowAnyWebsite(response);
    const reading = this.records.of(tenant);
    if (!reading) throw noSuchQueue(request);
    const record = await reading.catch((error: unknown) => {
      if (!(error instanceof StoreAwayError)) throw error;
      throw refusal(languageOf(request), 503, 'away', 'readAway', { headers: { 'Retry-After': '5' } });
    });
    // The same record until it is read again.
    if (this.renderedRecords.get(tenant)?.value !== record) {
      const rendered = new Rendered<PromiseRecord>(RECORD_CACHING);
      rendered.set(record);
      this.renderedRecords.set(tenant, rendered);
    }
    answer(request, response, this.renderedRecords.get(tenant));
  }

  @Get(':tenant/queues/:queue.json')
  @ApiOperation({ summary: 'Wait and opening of a public queue' })
  @ApiResponse({ status: 200, description: 'The queue.', content: jsonContent(publicQueueSchema) })
  @ApiResponse({ status: 304, description: 'Not changed since the `If-None-Match` given.' })
  @ApiResponse({ status: 404, description: 'Unknown queue, or not public.' })
  queue(
    @Param('tenant') tenant: string,
    @Param('queue') queue: string,
    @Req() request: Request,
    @Res() response: Response,
  ): void {
    answer(request, response, this.queues.renderedQueue(tenant, queue));
  }

  @Get(':tenant/queues/:queue/outlook.json')
  @ApiOperation({ summary: 'Expected wait of a public queue by hour, today and this week, from history' })
  @ApiResponse({ status: 200, description: 'The outlook.', content: jsonContent(publicOutlookSchema) })
  @ApiResponse({ status: 304, description: 'Not changed since the `If-None-Match` given.' })
  @ApiResponse({ status: 404, description: 'Unknown queue, or not public.' })
  outlook(
    @Param('tenant') tenant: string,
    @Param('queue') queue: string,
    @Req() request: Request,
    @Res() response: Response,
  ): void {
    answer(request, response, this.queues.renderedOutlook(tenant, queue));
  }
}

/** One answer for a queue that does not exist and for one that is private: they must not be told apart. */
const noSuchQueue = (request: Request): ProblemException =>
  refusal(languageOf(request), 404, 'notFound', 'queueUnknown');

const answer = <Document>(request: Request, response: Response, rendered: Rendered<Document> | undefined): void => {
  if (rendered) return sendRendered(request, response, rendered);
  allowAnyWebsite(response);
  throw noSuchQueue(request);
};
