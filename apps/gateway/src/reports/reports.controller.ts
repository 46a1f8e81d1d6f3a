import { closingsBetween } from '@queuecast/contact-center';
import { instant, queueId, type TenantId } from '@queuecast/events';
import { awayProblem, ProblemException, queryPipe } from '@queuecast/http';
import { Catalog, type CatalogQueue } from '@queuecast/settings';
import {
  InvalidReportError,
  ReportsBusyError,
  ReportTooLargeError,
  StoreAwayError,
  type Closing,
  type IntervalReport,
  type IntervalReportRequest,
  type Store,
} from '@queuecast/store';
import { Controller, Get, Inject, Query, Req, Res, UseGuards } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCookieAuth,
  ApiOperation,
  ApiProduces,
  ApiResponse,
  ApiSecurity,
  ApiTags,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { STORE } from '../gateway.tokens.js';
import { GatewayMetrics } from '../metrics.js';
import { csvOf } from './csv.js';
import { AdmittedTenant, ReportGuard } from './report.guard.js';
import { intervalQuery, type IntervalQuery } from './query.js';

const DEFAULT_THRESHOLD_SECONDS = 150;
const DEFAULT_SHORT_ABANDON_SECONDS = 5;

/** History for analysts: the same intervals that the wallboards' figures of the day come from. */
@ApiTags('reports')
@UseGuards(ReportGuard)
@Controller('v1/reports')
export class ReportsController {
  constructor(
    @Inject(Catalog) private readonly catalog: Catalog,
    @Inject(STORE) private readonly store: Store,
    @Inject(GatewayMetrics) private readonly metrics: GatewayMetrics,
  ) {}

  @Get('intervals')
  @ApiOperation({ summary: 'Figures by queue, channel and interval' })
  @ApiBearerAuth('key')
  @ApiSecurity('header')
  @ApiCookieAuth('session')
  @ApiProduces('application/json', 'text/csv')
  @ApiResponse({
    status: 200,
    description: 'Rows by queue, channel and start; `metrics` names the definitions served.',
  })
  @ApiResponse({ status: 400, description: 'A parameter is not valid; `errors` names each.' })
  @ApiResponse({ status: 403, description: 'Another tenant.' })
  @ApiResponse({ status: 503, description: 'The store is away: ask again after `Retry-After`.' })
  async intervals(
    @AdmittedTenant() tenant: TenantId,
    @Query({ schema: intervalQuery, pipes: [queryPipe] }) query: IntervalQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const done = this.metrics.reportSeconds.startTimer();
    try {
      await this.serve(this.requestOf(query, tenant), request, response);
      done({ status: '200' });
    } catch (error) {
      done({ status: String(error instanceof ProblemException ? error.getStatus() : 500) });
      throw error;
    }
  }

  private async serve(asked: IntervalReportRequest, request: Request, response: Response): Promise<void> {
    const report = await this.read(asked);
    response.setHeader('Cache-Control', 'private, no-store');
    response.setHeader('Vary', 'Accept, Authorization, Cookie');
    if (report.nextCursor !== null) response.setHeader('Link', `<${nextPage(request, report.nextCursor)}>; rel="next"`);
    const isCsv = request.accepts(['application/json', 'text/csv']) === 'text/csv';
    response.setHeader('Content-Type', isCsv ? 'text/csv; charset=utf-8; header=present' : 'application/json');
    if (isCsv) response.setHeader('Content-Disposition', 'attachment; filename="intervals.csv"');
    response.end(isCsv ? csvOf(report) : JSON.stringify(jsonOf(asked, report)));
  }

  private async read(asked: IntervalReportRequest): Promise<IntervalReport> {
    try {
      return await this.store.intervals(asked);
    } catch (error) {
      if (error instanceof StoreAwayError) throw awayProblem('the history store is away: ask again shortly');
      if (error instanceof ReportsBusyError) throw awayProblem('many reports are running: ask again shortly', 2);
      if (error instanceof ReportTooLargeError) throw new ProblemException(422, { detail: tooMuch });
      if (error instanceof InvalidReportError) throw invalid(error);
      throw error;
    }
  }

  private requestOf(query: IntervalQuery, tenant: TenantId): IntervalReportRequest {
    const queues = query.queue ?? [];
    const configured = this.catalog.queues(tenant).filter(({ id }) => queues.length === 0 || queues.includes(id));
    return {
      tenant,
      queues: queues.map(queueId),
      from: instant(query.from),
      to: instant(query.to),
      grain: query.grain,
      timeZone: query.timeZone ?? this.catalog.tenant(tenant)?.timeZone ?? 'UTC',
      thresholdSeconds:
        query.thresholdSeconds ?? agreed(configured, (queue) => queue.thresholdSeconds) ?? DEFAULT_THRESHOLD_SECONDS,
      shortAbandonSeconds:
        query.shortAbandonSeconds ??
        agreed(configured, (queue) => queue.shortAbandonSeconds) ??
        DEFAULT_SHORT_ABANDON_SECONDS,
      metrics: query.metrics ?? [],
      closings: query.metrics?.some(readsClosings) ? closingsOf(configured, query) : [],
      limit: query.limit,
      ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
    };
  }
}

const readsClosings = (metric: string): boolean => /^after_hours_waiters(@|$)/.test(metric);

/** When the queues are closed within the range. Queues that share a calendar share the work. */
const closingsOf = (
  queues: readonly CatalogQueue[],
  { from, to }: { readonly from: number; readonly to: number },
): Closing[] => {
  const byCalendar = new Map<string, ReturnType<typeof closingsBetween>>();
  return queues.flatMap(({ id, hours, holidays, timeZone }) => {
    const calendar = JSON.stringify([hours, holidays, timeZone]);
    const closings = byCalendar.get(calendar) ?? closingsBetween(hours, holidays, timeZone, instant(from), instant(to));
    byCalendar.set(calendar, closings);
    return closings.map((closing) => ({ queue: id, ...closing }));
  });
};

const tooMuch = 'the report takes too much time or memory: ask for fewer days, queues or metrics at a time';

/** The store's message begins with the field at fault, which is named as the parameter is. */
const invalid = ({ message }: InvalidReportError): ProblemException => {
  const [, parameter, rest] = /^(\w+): (.*)$/s.exec(message) ?? [];
  return new ProblemException(400, {
    detail: message,
    errors: [parameter && rest ? { parameter, message: rest } : { message }],
  });
};

/** What all queues have in common; undefined if they differ, or there are none. */
const agreed = (queues: readonly CatalogQueue[], of: (queue: CatalogQueue) => number): number | undefined => {
  const values = new Set(queues.map(of));
  return values.size === 1 ? [...values][0] : undefined;
};

const jsonOf = (asked: IntervalReportRequest, report: IntervalReport) => ({
  tenant: asked.tenant,
  from: new Date(asked.from).toISOString(),
  to: new Date(asked.to).toISOString(),
  grain: asked.grain,
  timeZone: asked.timeZone,
  thresholdSeconds: asked.thresholdSeconds,
  shortAbandonSeconds: asked.shortAbandonSeconds,
  metrics: report.metrics,
  rows: report.rows.map((row) => ({ ...row, start: new Date(row.start).toISOString() })),
  nextCursor: report.nextCursor,
});

const nextPage = (request: Request, cursor: string): string => {
  const url = new URL(request.originalUrl, 'http://here');
  url.searchParams.set('cursor', cursor);
  return `${url.pathname}${url.search}`;
};
