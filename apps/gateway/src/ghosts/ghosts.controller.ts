import type { TenantId } from '@queuecast/events';
import { jsonBody, queryPipe } from '@queuecast/http';
import { Controller, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { Audit, auditQuery, sendAudit, type AuditQuery } from '../audit.js';
import { CLOCK, type Clock } from '../gateway.tokens.js';
import { ByKeyOrSession, openApi } from '../openapi.js';
import { ReportAccess } from '../reports/access.js';
import { AdmittedTenant } from '../reports/report.guard.js';
import { Ghosts } from './ghosts.js';

const WHERE = 'ghosts';

const contactBody = z.strictObject({
  contact: z.string('contact must be the id of a suspected contact').min(1).max(256),
});
const bodySchema = openApi(contactBody, 'input');

/** Contacts that their source forgot: who is suspected, what was decided, and the word of people about it. */
@ApiTags('ghosts')
@ByKeyOrSession()
@Controller('v1/ghosts')
export class GhostsController {
  constructor(
    @Inject(Ghosts) private readonly ghosts: Ghosts,
    @Inject(ReportAccess) private readonly access: ReportAccess,
    @Inject(CLOCK) private readonly now: Clock,
  ) {}

  @Audit(
    'Who is suspected to be forgotten, and what was suspected and decided, latest first',
    '`suspected` by queue, as the wallboard shows it; `records` of the range.',
  )
  async list(
    @AdmittedTenant() tenant: TenantId,
    @Query({ schema: auditQuery, pipes: [queryPipe] }) query: AuditQuery,
    @Res() response: Response,
  ): Promise<void> {
    await sendAudit(response, tenant, query, this.now(), async (range) => {
      const records = await this.ghosts.audit(tenant, range);
      return { suspected: this.ghosts.suspected(tenant), records };
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
