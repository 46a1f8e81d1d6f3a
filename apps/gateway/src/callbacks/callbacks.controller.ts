import { randomBytes } from 'node:crypto';
import { ApiKeys, jsonBody, ProblemException, queryPipe } from '@queuecast/http';
import { instant, queueId, type EventType, type TenantId } from '@queuecast/events';
import { CALLBACK_CLASSES } from '@queuecast/metrics';
import { InvalidReportError, type CallbackPage, type Store } from '@queuecast/store';
import { Controller, Get, Inject, Param, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBody, ApiCookieAuth, ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { unlessAway } from '../away.js';
import { CLOCK, STORE, type Clock } from '../gateway.tokens.js';
import { ByKey, openApi } from '../openapi.js';
import { AdmittedTenant, ReportGuard } from '../reports/report.guard.js';
import { CallbackLog } from './callback-log.js';

const one = <Item>(value: Item | Item[] | undefined): Item[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];
const texts = z
  .union([z.string().max(256), z.array(z.string().max(256)).max(100)])
  .optional()
  .transform(one);
const day = z.iso.datetime({ offset: true, error: 'must be an RFC 3339 time with a zone' }).optional();

const listQuery = z.object({
  tenant: z.string().optional(),
  queue: texts.meta({ description: 'Queue id; several may be given.' }),
  class: z
    .union([z.enum(CALLBACK_CLASSES), z.array(z.enum(CALLBACK_CLASSES))])
    .optional()
    .transform(one),
  from: day,
  to: day,
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(512).optional(),
});

const attemptBody = z.strictObject({
  outcome: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .meta({ description: 'no_answer, busy, voicemail, or any word of the dialer.' }),
  agent: z.string().min(1).max(256).optional(),
});
const keptBody = z.strictObject({ agent: z.string().min(1).max(256).optional() });
const cancelledBody = z.strictObject({
  by: z
    .enum(['customer', 'agent', 'system'])
    .meta({ description: 'A promise that the customer did not cancel counts as broken.' }),
  reason: z.string().max(256).optional(),
});

/** Promises of a call back, for supervisors and for the dialer. The number is in none of it. */
@ApiTags('callbacks')
@ByKey()
@Controller('v1/callbacks')
export class CallbacksController {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(CallbackLog) private readonly log: CallbackLog,
    @Inject(ApiKeys) private readonly keys: ApiKeys,
    @Inject(CLOCK) private readonly now: Clock,
  ) {}

  @Get()
  @UseGuards(ReportGuard)
  @ApiCookieAuth('session')
  @ApiOperation({ summary: 'Promises in the order in which they fall due', description: 'Never with the number.' })
  @ApiResponse({ status: 200, description: 'A page of promises; `nextCursor` leads to the next.' })
  async list(
    @AdmittedTenant() tenant: TenantId,
    @Query({ schema: listQuery, pipes: [queryPipe] }) query: z.output<typeof listQuery>,
    @Res() response: Response,
  ): Promise<void> {
    const { from, to, cursor } = query;
    const page = await unlessAway(() =>
      this.store.callbacks({
        tenant,
        queues: query.queue.map(queueId),
        classes: query.class,
        limit: query.limit,
        ...(from !== undefined && { from: instant(Date.parse(from)) }),
        ...(to !== undefined && { to: instant(Date.parse(to)) }),
        ...(cursor !== undefined && { cursor }),
      }),
    ).catch((error: unknown) => {
      throw error instanceof InvalidReportError ? new ProblemException(400, { detail: error.message }) : error;
    });
    response.setHeader('Cache-Control', 'private, no-store');
    response.json({ tenant, callbacks: page.rows.map(listed), nextCursor: page.nextCursor });
  }

  @Post(':id/attempts')
  @ApiOperation({ summary: 'The dialer tried to call' })
  @ApiBody({ schema: openApi(attemptBody, 'input'), required: false })
  @Told()
  async attempted(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    await this.tell(id, 'acd.callback.attempted', attemptBody, request, response);
  }

  @Post(':id/kept')
  @ApiOperation({ summary: 'The call reached the customer: the promise is kept' })
  @ApiBody({ schema: openApi(keptBody, 'input'), required: false })
  @Told()
  async kept(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    await this.tell(id, 'acd.callback.kept', keptBody, request, response);
  }

  @Post(':id/cancelled')
  @ApiOperation({ summary: 'The promise is withdrawn, by the customer or by the centre' })
  @ApiBody({ schema: openApi(cancelledBody, 'input') })
  @Told()
  async cancelled(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    await this.tell(id, 'acd.callback.cancelled', cancelledBody, request, response);
  }

  private async tell(
    id: string,
    type: EventType,
    schema: z.ZodObject,
    request: Request,
    response: Response,
  ): Promise<void> {
    const { tenant } = this.keys.require(request, 'ingest', 'callbacks');
    const body = await jsonBody(request, schema);
    const key = request.headers['idempotency-key'];
    const own = typeof key === 'string' && key !== '' ? key.slice(0, 128) : randomBytes(12).toString('base64url');
    const [row] = await unlessAway(() => this.log.find({ tenant }, [id]));
    if (!row || row.queue === '')
      throw new ProblemException(404, { detail: `there is no callback ${id.slice(0, 64)} of ${tenant}` });
    const data = { callback: id, ...body };
    await unlessAway(() =>
      this.log.append(
        row,
        [{ id: `${id}/${type.split('.').at(-1)}/${own}`, type, subject: row.contact, data }],
        this.now(),
      ),
    );
    response.setHeader('Cache-Control', 'no-store');
    response.status(202).json({ id, accepted: type });
  }
}

/** What the three ways of telling have in common. */
function Told(): MethodDecorator {
  return (target, key, descriptor) => {
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'Told again with the same key it is told once.',
    })(target, key, descriptor);
    ApiResponse({ status: 202, description: 'It is in the log, durably.' })(target, key, descriptor);
    ApiResponse({ status: 404, description: 'No such promise of the tenant.' })(target, key, descriptor);
  };
}

const iso = (at: number): string => new Date(at).toISOString();
const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at));

const listed = (row: CallbackPage['rows'][number]) => ({
  id: row.id,
  site: row.site,
  queue: row.queue,
  class: row.class,
  state: row.state,
  promisedAt: iso(row.promisedAt),
  dueAt: iso(row.dueAt),
  window: row.window && { from: iso(row.window.from), to: iso(row.window.to) },
  profile: row.profile || null,
  origin: row.origin,
  channel: row.channel,
  language: row.language || null,
  contact: row.contact,
  leg: row.leg || null,
  callerKey: row.callerKey || null,
  place: row.place && { ...row.place, queuedAt: iso(row.place.queuedAt) },
  attempts: row.attempts,
  lastAttemptAt: isoOrNull(row.lastAttemptAt),
  moves: row.moves,
  deliveredAt: isoOrNull(row.deliveredAt),
  closedAt: isoOrNull(row.closedAt),
});
