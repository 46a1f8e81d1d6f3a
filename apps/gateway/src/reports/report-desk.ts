import type { TenantId } from '@queuecast/events';
import { awayProblem, ProblemException } from '@queuecast/http';
import { UnknownMetricError } from '@queuecast/metrics';
import { InvalidReportError, ReportsBusyError, ReportTooLargeError, StoreAwayError } from '@queuecast/store';
import type { Request, Response } from 'express';
import type { GatewayMetrics } from '../metrics.js';
import { csvOf } from './csv.js';
import type { Report, ReportAnswer, ReportSources } from './report.js';

const TOO_MUCH = 'the report takes too much time or memory: ask for fewer days, queues or metrics at a time';

/** The one way in which a report is answered: as JSON or CSV, in pages, timed, its refusals as problem documents. */
export class ReportDesk {
  constructor(
    private readonly sources: ReportSources,
    private readonly metrics: GatewayMetrics,
  ) {}

  /** Answers a request that was let in, and whose query is valid. */
  async serve<Query>(
    report: Report<Query>,
    tenant: TenantId,
    query: Query,
    request: Request,
    response: Response,
  ): Promise<void> {
    const done = this.metrics.reportSeconds.startTimer({ report: report.name });
    try {
      const answer = await report.read(this.sources, tenant, query).catch((error: unknown) => {
        throw problemOf(error);
      });
      send(report.name, answer, request, response);
      done({ status: '200' });
    } catch (error) {
      done({ status: String(error instanceof ProblemException ? error.getStatus() : 500) });
      throw error;
    }
  }
}

const send = (name: string, { document, table, nextCursor }: ReportAnswer, request: Request, response: Response) => {
  response.setHeader('Cache-Control', 'private, no-store');
  response.setHeader('Vary', 'Accept, Authorization, Cookie');
  if (nextCursor !== null) response.setHeader('Link', `<${nextPage(request, nextCursor)}>; rel="next"`);
  const isCsv = request.accepts(['application/json', 'text/csv']) === 'text/csv';
  response.setHeader('Content-Type', isCsv ? 'text/csv; charset=utf-8; header=present' : 'application/json');
  if (isCsv) response.setHeader('Content-Disposition', `attachment; filename="${name}.csv"`);
  response.end(isCsv ? csvOf(table()) : JSON.stringify(document()));
};

const nextPage = (request: Request, cursor: string): string => {
  const url = new URL(request.originalUrl, 'http://here');
  url.searchParams.set('cursor', cursor);
  return `${url.pathname}${url.search}`;
};

/** What is expected to go wrong, as the problem document that says so; anything else as it is. */
const problemOf = (error: unknown): unknown => {
  if (error instanceof StoreAwayError) return awayProblem('the history store is away: ask again shortly');
  if (error instanceof ReportsBusyError) return awayProblem('many reports are running: ask again shortly', 2);
  if (error instanceof ReportTooLargeError) return new ProblemException(422, { detail: TOO_MUCH });
  if (error instanceof InvalidReportError || error instanceof UnknownMetricError) return invalid(error);
  return error;
};

/** The store's message begins with the field at fault, which is named as the parameter is. */
const invalid = ({ message }: Error): ProblemException => {
  const [, parameter, rest] = /^(\w+): (.*)$/s.exec(message) ?? [];
  return new ProblemException(400, {
    detail: message,
    errors: [parameter && rest ? { parameter, message: rest } : { message }],
  });
};
