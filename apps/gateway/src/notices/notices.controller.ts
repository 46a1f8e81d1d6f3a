import type { TenantId } from '@queuecast/events';
import { jsonBody, queryPipe } from '@queuecast/http';
import { Controller, Delete, HttpCode, Inject, Param, Post, Put, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Audit, auditQuery, sendAudit, type AuditQuery } from '../audit.js';
import { CLOCK, type Clock } from '../gateway.tokens.js';
import { ByKeyOrSession } from '../openapi.js';
import { ReportAccess } from '../reports/access.js';
import { AdmittedTenant } from '../reports/report.guard.js';
import { noticeBody, noticeBodySchema } from './notice-body.js';
import { Notices, type TenantNotice } from './notices.js';

const WHERE = 'notices';

/** Notices for those who wait: what is shown, what was, and who put it there. */
@ApiTags('notices')
@ByKeyOrSession()
@Controller('v1/notices')
export class NoticesController {
  constructor(
    @Inject(Notices) private readonly notices: Notices,
    @Inject(ReportAccess) private readonly access: ReportAccess,
    @Inject(CLOCK) private readonly now: Clock,
  ) {}

  @Audit(
    'Notices shown now, and what was posted and cleared, latest first',
    '`current`, and `records` of the range: what, where, when, by whom.',
  )
  async list(
    @AdmittedTenant() tenant: TenantId,
    @Query({ schema: auditQuery, pipes: [queryPipe] }) query: AuditQuery,
    @Res() response: Response,
  ): Promise<void> {
    await sendAudit(response, tenant, query, this.now(), async (range) => {
      const records = await this.notices.audit(tenant, range);
      return { current: this.notices.current(tenant), records };
    });
  }

  @Post()
  @HttpCode(201)
  @ApiOperation({ summary: 'Put a notice up on one, several or all queues' })
  @ApiBody({ schema: noticeBodySchema })
  @ApiResponse({
    status: 201,
    description: 'It is in the log, and on every page that shows the queues within a second.',
  })
  @ApiResponse({ status: 409, description: 'There is no room for it on a public page beside those that are there.' })
  async post(@Req() request: Request): Promise<TenantNotice> {
    const actor = await this.access.actorOf(request, WHERE);
    return this.notices.post(actor, await jsonBody(request, noticeBody));
  }

  @Put(':notice')
  @ApiOperation({ summary: 'Replace a notice: its texts, its end, and where it is shown' })
  @ApiBody({ schema: noticeBodySchema })
  @ApiResponse({ status: 200, description: 'It is in the log, and on every page within a second.' })
  @ApiResponse({ status: 404, description: 'It is not shown now.' })
  async change(@Param('notice') notice: string, @Req() request: Request): Promise<TenantNotice> {
    const actor = await this.access.actorOf(request, WHERE);
    return this.notices.change(actor, notice, await jsonBody(request, noticeBody));
  }

  @Delete(':notice')
  @HttpCode(204)
  @ApiOperation({ summary: 'Take a notice down wherever it is shown' })
  @ApiResponse({ status: 204, description: 'It is in the log.' })
  @ApiResponse({ status: 404, description: 'It is not shown now.' })
  async clear(@Param('notice') notice: string, @Req() request: Request): Promise<void> {
    const actor = await this.access.actorOf(request, WHERE);
    await this.notices.clear(actor, notice);
  }
}
