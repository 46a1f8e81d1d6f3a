import { awayProblem, ProblemException } from '@queuecast/http';
import { publicOutlookSchema } from '@queuecast/live';
import { StoreAwayError } from '@queuecast/store';
import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags, type ApiResponseOptions } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { PromiseRecords } from '../callbacks/promise-record.js';
import { noSuchQueue } from './no-such-queue.js';
import { PublicQueues } from './public-queues.js';
import { allowAnyWebsite, sendRendered, type Rendered } from './rendered.js';

type Schema = Extract<ApiResponseOptions, { content: unknown }>['content'][string]['schema'];
const outlookSchema = z.toJSONSchema(publicOutlookSchema, { target: 'openapi-3.0' }) as Schema;

/**
 * The public documents for caches and for browsers without a socket: the same bytes for everybody. Those that exist have
 * mostly been answered in front of the routes already ({@link publicFront}).
 */
@ApiTags('public')
@Controller('public/v1')
export class PublicController {
  constructor(
    @Inject(PublicQueues) private readonly queues: PublicQueues,
    @Inject(PromiseRecords) private readonly records: PromiseRecords,
  ) {}

  @Get('tenants.json')
  @ApiOperation({ summary: 'Tenants that have a public queue' })
  tenants(@Req() request: Request, @Res() response: Response): void {
    answer(request, response, this.queues.list);
  }

  @Get(':tenant/queues.json')
  @ApiOperation({ summary: 'Public queues of a tenant' })
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
  @ApiResponse({ status: 404, description: 'Unknown tenant, or none of its queues is public.' })
  async record(@Param('tenant') tenant: string, @Res() response: Response): Promise<void> {
    allowAnyWebsite(response);
    const reading = this.records.of(tenant);
    if (!reading) throw new ProblemException(noSuchQueue.status, noSuchQueue);
    const record = await reading.catch((error: unknown) => {
      throw error instanceof StoreAwayError ? awayProblem('the history store is away: ask again shortly') : error;
    });
    response.setHeader('Cache-Control', 'public, max-age=300, stale-if-error=86400');
    response.json(record);
  }

  @Get(':tenant/queues/:queue.json')
  @ApiOperation({ summary: 'Wait and opening of a public queue' })
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
  @ApiResponse({ status: 200, content: { 'application/json': { schema: outlookSchema } } })
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

const answer = <Document>(request: Request, response: Response, rendered: Rendered<Document> | undefined): void => {
  if (rendered) return sendRendered(request, response, rendered);
  allowAnyWebsite(response);
  throw new ProblemException(noSuchQueue.status, noSuchQueue);
};
