import type { TenantId } from '@queuecast/events';
import { jsonBody, queryPipe } from '@queuecast/http';
import { Controller, Get, HttpCode, Inject, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiCookieAuth,
  ApiOperation,
  ApiQuery,
  ApiResponse,
  ApiSecurity,
  ApiTags,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { auditQuery, auditRange } from '../audit-query.js';
import { CLOCK, type Clock } from '../gateway.tokens.js';
import { ReportAccess } from '../reports/access.js';
import { AdmittedTenant, ReportGuard } from '../reports/report.guard.js';
import { Ghosts } from './ghosts.js';

const WHERE = 'ghosts';

const contactBody = z.strictObject({
  contact: z.string('contact must be the id of a suspected contact').min(1).max(256),
});
const bodySchema = z.toJSONSchema(contactBody, { target: 'openapi-3.0', io: 'input' }) as Record<string, object>;

/** Contacts that their source forgot: who is suspected, what was decided, and the word of people about it. */
@ApiTags('ghosts')
@ApiBearerAuth('key')
@ApiSecurity('header')
@ApiCookieAuth('session')
@Controller('v1/ghosts')
export class GhostsController {
  constructor(
    @Inject(Ghosts) private readonly ghosts: Ghosts,
    @Inject(ReportAccess) private readonly access: ReportAccess,
    @Inject(CLOCK) private readonly now: Clock,
  ) {}

  @Get()
  @UseGuards(ReportGuard)
  @ApiOperation({ summary: 'Who is suspected to be forgotten, and what was suspected and decided, latest first' })
  @ApiQuery({ name: 'from', required: false, description: 'RFC 3339; a day before `to` if absent.' })
  @ApiQuery({ name: 'to', required: false, description: 'RFC 3339, not included; now if absent.' })
  @ApiQuery({ name: 'limit', required: false, description: '1 to 1000 records; 100 if absent.' })
  @ApiResponse({ status: 200, description: '`suspected` by queue, as the wallboard shows it; `records` of the range.' })
  @ApiResponse({ status: 503, description: 'The store is away: ask again after `Retry-After`.' })
  async list(
    @AdmittedTenant() tenant: TenantId,
    @Query({ schema: auditQuery, pipes: [queryPipe] }) query: z.output<typeof auditQuery>,
    @Res() response: Response,
  ): Promise<void> {
    const range = auditRange(query, this.now());
    const records = await this.ghosts.audit(tenant, range);
    response.setHeader('Cache-Control', 'private, no-store');
    response.json({
      tenant,
      from: new Date(range.from).toISOString(),
      to: new Date(range.to).toISOString(),
      suspected: this.ghosts.suspected(tenant),
      records,
    });
  }

  @Post('reinstate')
  @HttpCode(202)
  @ApiOperation({ summary: 'A suspected contact is real: it waits, or talks, as before' })
  @ApiBody({ schema: bodySchema })
  @ApiResponse({ status: 202, description: 'The event that says so is in the log.' })
  @ApiResponse({ status: 404, description: 'Nobody suspects this contact.' })
  async reinstate(@Req() request: Request): Promise<object> {
    const actor = await this.access.actorOf(request, WHERE);
    return this.ghosts.reinstate(actor, (await jsonBody(request, contactBody)).contact);
  }

  @Post('close')
  @HttpCode(202)
  @ApiOperation({ summary: 'A suspected contact is gone: it is closed as unknown now, not at the end of the day' })
  @ApiBody({ schema: bodySchema })
  @ApiResponse({ status: 202, description: 'The event that says so is in the log.' })
  @ApiResponse({ status: 404, description: 'Nobody suspects this contact.' })
  async close(@Req() request: Request): Promise<object> {
    const actor = await this.access.actorOf(request, WHERE);
    return this.ghosts.close(actor, (await jsonBody(request, contactBody)).contact);
  }
}
