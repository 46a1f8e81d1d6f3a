import { once } from 'node:events';
import { instant, type TenantId } from '@queuecast/events';
import { awayProblem, ProblemException, queryPipe } from '@queuecast/http';
import type { ReplayedWallboard } from '@queuecast/live';
import { ReportsBusyError, ReportTooLargeError, StoreAwayError } from '@queuecast/store';
import { Controller, Get, Inject, Query, Res, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { CLOCK, type Clock } from '../gateway.tokens.js';
import { GatewayMetrics } from '../metrics.js';
import { ByKeyOrSession } from '../openapi.js';
import { AdmittedTenant, ReportGuard } from '../reports/report.guard.js';
import { instantQuery, playbackQuery, type InstantQuery, type PlaybackQuery } from './query.js';
import { WallboardHistory, type Shown } from './wallboard-history.js';

/** The wallboard of the past: what it showed, and what is known now of the same instant. */
@ApiTags('wallboard')
@ByKeyOrSession()
@UseGuards(ReportGuard)
@Controller('v1/wallboard')
export class HistoryController {
  constructor(
    @Inject(WallboardHistory) private readonly history: WallboardHistory,
    @Inject(GatewayMetrics) private readonly metrics: GatewayMetrics,
    @Inject(CLOCK) private readonly now: Clock,
  ) {}

  @Get()
  @ApiOperation({ summary: 'What the wallboard showed at an instant, and what is known of it now' })
  @ApiProduces('application/json')
  @ApiResponse({
    status: 200,
    description:
      'Per site the position of the log that was shown, the frames `then` (as known then) and `now` (by everything in the archive that had happened by that instant), and what differs. A replayed frame has no estimate.',
  })
  @ApiResponse({ status: 400, description: 'A parameter is not valid; `errors` names each.' })
  @ApiResponse({ status: 403, description: 'Another tenant.' })
  @ApiResponse({ status: 422, description: 'Too much was under way at that instant.' })
  @ApiResponse({ status: 503, description: 'The store is away or busy: ask again after `Retry-After`.' })
  async at(
    @AdmittedTenant() tenant: TenantId,
    @Query({ schema: instantQuery, pipes: [queryPipe] }) query: InstantQuery,
    @Res() response: Response,
  ): Promise<void> {
    const done = this.metrics.reportSeconds.startTimer({ report: 'wallboard' });
    try {
      await this.inRange(tenant, { at: query.at });
      const wallboard = await this.read(tenant, query.at, query.show);
      response.setHeader('Cache-Control', 'private, no-store');
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify(wallboard));
      done({ status: '200' });
    } catch (error) {
      done({ status: String(error instanceof ProblemException ? error.getStatus() : 500) });
      throw error;
    }
  }

  @Get('playback')
  @ApiOperation({ summary: 'A stretch of the past, one wallboard per line and step' })
  @ApiProduces('application/x-ndjson')
  @ApiResponse({
    status: 200,
    description:
      'NDJSON, each line as `GET /v1/wallboard` answers. Lines are made as fast as they are read; a last line with `problem` says why there are no more.',
  })
  @ApiResponse({ status: 400, description: 'A parameter is not valid; `errors` names each.' })
  @ApiResponse({ status: 403, description: 'Another tenant.' })
  @ApiResponse({ status: 503, description: 'The store is away or busy: ask again after `Retry-After`.' })
  async playback(
    @AdmittedTenant() tenant: TenantId,
    @Query({ schema: playbackQuery, pipes: [queryPipe] }) { from, to, step, show }: PlaybackQuery,
    @Res() response: Response,
  ): Promise<void> {
    await this.inRange(tenant, { from, to: to - 1 });
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    for (let at = from; at < to && !gone.signal.aborted; at += step * 1000) {
      let line: object;
      try {
        line = await this.read(tenant, at, show);
      } catch (error) {
        if (!response.headersSent || !(error instanceof ProblemException)) throw error;
        line = { problem: error.problem };
        to = at;
      }
      if (!response.headersSent) {
        response.setHeader('Cache-Control', 'private, no-store');
        response.setHeader('Content-Type', 'application/x-ndjson');
      }
      // Whoever reads slowly, or stops, is waited for: nothing is made ahead of him.
      if (!response.write(`${JSON.stringify(line)}\n`))
        await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
    }
    response.end();
  }

  /** @throws ProblemException 400 for an instant that there is nothing of */
  private async inRange(tenant: TenantId, asked: Readonly<Record<string, number>>): Promise<void> {
    const range = await this.translated(() => this.history.range(tenant));
    const now = this.now();
    const errors = Object.entries(asked).flatMap(([parameter, at]) => {
      if (range !== null && at >= range.from && at <= now) return [];
      const message =
        range === null
          ? 'nothing is archived yet: send events first'
          : `must be from ${new Date(range.from).toISOString()}, where the archive begins, to now, ${new Date(now).toISOString()}`;
      return [{ parameter, message }];
    });
    const [first] = errors;
    if (first) throw new ProblemException(400, { detail: `parameter ${first.parameter}: ${first.message}`, errors });
  }

  private read(tenant: TenantId, at: number, show: Shown): Promise<ReplayedWallboard> {
    return this.translated(() => this.history.at(tenant, instant(at), show));
  }

  private async translated<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof StoreAwayError) throw awayProblem('the history store is away: ask again shortly');
      if (error instanceof ReportsBusyError) throw awayProblem('many look back at once: ask again shortly', 2);
      if (error instanceof ReportTooLargeError) throw new ProblemException(422, { detail: error.message });
      throw error;
    }
  }
}
