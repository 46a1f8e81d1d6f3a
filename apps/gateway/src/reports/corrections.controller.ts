import type { TenantId } from '@queuecast/events';
import { queryPipe } from '@queuecast/http';
import { Controller, Get, Inject, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { correctionsAnswer } from './answers.js';
import { correctionsReport } from './corrections.js';
import { correctionsQuery, type CorrectionsQuery } from './query.js';
import { ReportDesk } from './report-desk.js';
import { ApiReport } from './report.decorator.js';
import { AdmittedTenant, ReportGuard } from './report.guard.js';

/** Nothing that was shown changes in silence. */
@ApiTags('reports')
@UseGuards(ReportGuard)
@Controller('v1/corrections')
export class CorrectionsController {
  constructor(@Inject(ReportDesk) private readonly desk: ReportDesk) {}

  @Get()
  @ApiReport('Published figures that late events have changed: from, to, and why', correctionsAnswer)
  corrections(
    @AdmittedTenant() tenant: TenantId,
    @Query({ schema: correctionsQuery, pipes: [queryPipe] }) query: CorrectionsQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.desk.serve(correctionsReport, tenant, query, request, response);
  }
}
