import { envelopeSchema, instant, type Instant } from '@queuecast/events';
import { LogAwayError } from '@queuecast/event-log';
import { ApiKeys, awayProblem, PROBLEM_JSON, ProblemException } from '@queuecast/http';
import type { Settings } from '@queuecast/settings';
import { Controller, Inject, Logger, Post, Req, Res, type BeforeApplicationShutdown } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { AppendQueue } from './append-queue.js';
import { BodyBudget, framingOf, withBody } from './body.js';
import { COLLECTOR_SETTINGS } from './collector.tokens.js';
import { takeIn, type EventResult, type Intake, type IntakeLimits } from './intake.js';
import { CollectorMetrics } from './metrics.js';
import { PlaceLinks, type JoinedPlace } from './place-links.js';

const WHERE = 'events';
const eventSchema = z.toJSONSchema(envelopeSchema, { target: 'openapi-3.0', io: 'input' }) as Record<string, object>;

/** What the sender is told: a result per event, of more than one event only the rejected ones. */
interface Answer {
  readonly accepted: number;
  readonly rejected: number;
  readonly results: readonly EventResult[];
  /** Links to the places of contacts that joined a queue, for a tenant with `callbacks.placeLinks`. */
  readonly places?: readonly JoinedPlace[] | undefined;
}

/** Takes events in. An event is acknowledged when the log has it durably, and never otherwise. */
@ApiTags('events')
@Controller('v1/events')
export class EventsController implements BeforeApplicationShutdown {
  private readonly limits: IntakeLimits;
  private readonly maxBodyBytes: number;
  private readonly budget: BodyBudget;
  private readonly keys: ApiKeys;
  private readonly queue: AppendQueue;
  private readonly metrics: CollectorMetrics;
  private readonly places: PlaceLinks;
  private readonly logger = new Logger(EventsController.name);
  private closing = false;
  /** The log did not take the last events. */
  private away = false;

  constructor(
    @Inject(COLLECTOR_SETTINGS) settings: Settings,
    @Inject(ApiKeys) keys: ApiKeys,
    @Inject(AppendQueue) queue: AppendQueue,
    @Inject(CollectorMetrics) metrics: CollectorMetrics,
    @Inject(PlaceLinks) places: PlaceLinks,
  ) {
    this.keys = keys;
    this.queue = queue;
    this.metrics = metrics;
    this.places = places;
    const { ingest } = settings;
    this.limits = {
      maxEventBytes: ingest.maxEventBytes,
      maxFutureSkewMs: ingest.maxFutureSkewSeconds * 1000,
      maxBatchEvents: ingest.maxBatchEvents,
    };
    this.maxBodyBytes = ingest.maxBodyBytes;
    this.budget = new BodyBudget(Math.max(64 * 1024 * 1024, 6 * ingest.maxBodyBytes));
  }

  @Post()
  @ApiOperation({
    summary: 'Send events',
    description:
      'One CloudEvent, a JSON array of them, or one per line (NDJSON); gzip is taken. Answered when the log has them durably.',
  })
  @ApiBearerAuth('key')
  @ApiSecurity('header')
  @ApiConsumes(
    'application/cloudevents+json',
    'application/cloudevents-batch+json',
    'application/json',
    'application/x-ndjson',
  )
  @ApiBody({ schema: eventSchema })
  @ApiResponse({
    status: 202,
    description:
      'All events were taken. With `callbacks.placeLinks`, `places` has a link for each contact that joined a queue: `index`, `queue`, `contact`, `leg`, `path`, `token`, `until`.',
  })
  @ApiResponse({ status: 207, description: 'Some were taken; `results` lists the others with the fields at fault.' })
  @ApiResponse({ status: 400, description: 'None was taken.' })
  @ApiResponse({ status: 413, description: 'Body or batch too large; the limit is named.' })
  @ApiResponse({ status: 503, description: 'The log is away: nothing was taken. Send again after `Retry-After`.' })
  async take(@Req() request: Request, @Res() response: Response): Promise<void> {
    const status = await this.takeFrom(request, response).catch((error: unknown) => {
      this.metrics.requests.inc({ status: String(error instanceof ProblemException ? error.getStatus() : 500) });
      throw error;
    });
    this.metrics.requests.inc({ status: String(status) });
  }

  private async takeFrom(request: Request, response: Response): Promise<number> {
    if (this.closing)
      throw new ProblemException(503, {
        detail: 'this server is shutting down: send again',
        headers: { 'Retry-After': '1', Connection: 'close' },
      });
    const { tenant } = this.keys.require(request, 'ingest', WHERE);
    const framing = framingOf(request);
    return withBody(request, this.maxBodyBytes, this.budget, async (body) => {
      const intake = await takeIn(body, framing, tenant, this.limits, receivedNow());
      this.countRejected(intake);
      if (intake.records.length > 0) await this.append(intake);
      return answer(response, intake, this.places.of(tenant, intake.joins, receivedNow()));
    });
  }

  private async append(intake: Intake): Promise<void> {
    try {
      await this.queue.append(intake.records, intake.bytes);
    } catch (error) {
      if (!(error instanceof LogAwayError)) throw error;
      // Senders are told every time; whoever runs this, once.
      if (!this.away) this.logger.error(`takes no events: ${error.message}`);
      this.away = true;
      throw awayProblem(`the event log is away (${error.message}): nothing was taken, send it all again`);
    }
    if (this.away) this.logger.log('takes events again');
    this.away = false;
    const { foreign, records, bytes } = intake;
    if (foreign > 0) this.metrics.accepted.inc({ kind: 'foreign' }, foreign);
    this.metrics.accepted.inc({ kind: 'event' }, records.length - foreign);
    this.metrics.bytes.inc(bytes);
  }

  private countRejected(intake: Intake): void {
    for (const [reason, count] of intake.rejectedBy) this.metrics.rejected.inc({ reason }, count);
  }

  /** New requests are sent away; those in hand get their answer before the server closes. */
  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    await this.queue.drained();
  }
}

const receivedNow = (): Instant => instant(Date.now());

const answer = (response: Response, intake: Intake, places: Answer['places']): number => {
  const accepted = intake.records.length;
  const rejected = intake.rejected.length;
  const single: EventResult[] =
    accepted + rejected === 1 && accepted === 1 ? [{ index: 0, id: intake.lastId, status: 'accepted' }] : [];
  const body: Answer = { accepted, rejected, results: [...single, ...intake.rejected], places };
  const status = rejected === 0 ? 202 : accepted === 0 ? 400 : 207;
  const problem =
    status === 400
      ? {
          type: 'about:blank',
          title: 'Bad Request',
          status,
          detail: `none of ${rejected} events was taken: see results`,
        }
      : {};
  const text = JSON.stringify({ ...problem, ...body });
  response.statusCode = status;
  response.setHeader('Content-Type', status === 400 ? PROBLEM_JSON : 'application/json');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  // As text, Node sends head and body in one write: at thousands of requests a second that shows.
  response.end(text);
  return status;
};
