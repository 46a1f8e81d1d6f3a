import type { TenantId } from '@queuecast/events';
import { queryPipe } from '@queuecast/http';
import { Controller, Get, Inject, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Outlooks } from '../outlook/outlooks.js';
import { outlookReport } from '../outlook/outlook-report.js';
import { agentsReport } from './agents.js';
import {
  agentsAnswer,
  callbacksAnswer,
  contactsAnswer,
  estimatesAnswer,
  intervalsAnswer,
  ledgerAnswer,
  outlookAnswer,
  windowsAnswer,
} from './answers.js';
import { callbacksReport } from './callbacks.js';
import { contactsReport } from './contacts.js';
import { estimatesReport } from './estimates.js';
import { intervalsReport } from './intervals.js';
import { ledgerReport } from './ledger.js';
import {
  agentsQuery,
  callbacksQuery,
  contactsQuery,
  estimatesQuery,
  intervalQuery,
  ledgerQuery,
  outlookQuery,
  windowsQuery,
  type AgentsQuery,
  type CallbacksQuery,
  type ContactsQuery,
  type EstimatesQuery,
  type IntervalQuery,
  type LedgerQuery,
  type OutlookQuery,
  type WindowsQuery,
} from './query.js';
import { ReportDesk } from './report-desk.js';
import { ApiReport } from './report.decorator.js';
import { AdmittedTenant, ReportGuard } from './report.guard.js';
import { windowsReport } from './windows.js';

const pipes = [queryPipe];

/** History for analysts and wallboards. */
@ApiTags('reports')
@UseGuards(ReportGuard)
@Controller('v1/reports')
export class ReportsController {
  constructor(
    @Inject(ReportDesk) private readonly desk: ReportDesk,
    @Inject(Outlooks) private readonly outlooks: Outlooks,
  ) {}

  @Get('intervals')
  @ApiReport('Figures by queue, channel and interval', intervalsAnswer)
  intervals(
    @AdmittedTenant() tenant: TenantId,
    @Query({ schema: intervalQuery, pipes }) query: IntervalQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.desk.serve(intervalsReport, tenant, query, request, response);
  }

  @Get('ledger')
  @ApiReport('Offered and what became of them, adding up, with links to the contacts behind each cell', ledgerAnswer)
  ledger(
    @AdmittedTenant() tenant: TenantId,
    @Query({ schema: ledgerQuery, pipes }) query: LedgerQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.desk.serve(ledgerReport, tenant, query, request, response);
  }

  @Get('contacts')
  @ApiReport('The contacts and legs behind a cell, oldest first', contactsAnswer)
  contacts(
    @AdmittedTenant() tenant: TenantId,
    @Query({ schema: contactsQuery, pipes }) query: ContactsQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.desk.serve(contactsReport, tenant, query, request, response);
  }

  @Get('agents')
  @ApiReport('Time of agents by state and reason, occupancy and utilisation', agentsAnswer)
  agents(
    @AdmittedTenant() tenant: TenantId,
    @Query({ schema: agentsQuery, pipes }) query: AgentsQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.desk.serve(agentsReport, tenant, query, request, response);
  }

  @Get('estimates')
  @ApiReport('What estimates were worth: bias, errors, coverage, who waited longer than told', estimatesAnswer)
  estimates(
    @AdmittedTenant() tenant: TenantId,
    @Query({ schema: estimatesQuery, pipes }) query: EstimatesQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.desk.serve(estimatesReport, tenant, query, request, response);
  }

  @Get('outlook')
  @ApiReport('Expected wait by hour for the rest of today and the week, from history', outlookAnswer)
  outlook(
    @AdmittedTenant() tenant: TenantId,
    @Query({ schema: outlookQuery, pipes }) query: OutlookQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.desk.serve(outlookReport(this.outlooks), tenant, query, request, response);
  }

  @Get('callbacks')
  @ApiReport('What became of promises of a call back, by when they were made', callbacksAnswer)
  callbacks(
    @AdmittedTenant() tenant: TenantId,
    @Query({ schema: callbacksQuery, pipes }) query: CallbacksQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.desk.serve(callbacksReport, tenant, query, request, response);
  }

  @Get('windows')
  @ApiReport("Rolling minutes, today, yesterday, this week and a week ago, by each queue's own days", windowsAnswer)
  windows(
    @AdmittedTenant() tenant: TenantId,
    @Query({ schema: windowsQuery, pipes }) query: WindowsQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.desk.serve(windowsReport, tenant, query, request, response);
  }
}
