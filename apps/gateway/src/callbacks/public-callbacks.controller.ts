import { Catalog } from '@queuecast/settings';
import { Controller, Delete, Get, Inject, Param, Patch, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { CLOCK, type Clock } from '../gateway.tokens.js';
import { jsonContent, openApi } from '../openapi.js';
import { Anywhere } from './anywhere.js';
import { CallbackDesk } from './callback-desk.js';
import {
  codeDocument,
  codeWishSchema,
  moveSchema,
  offerDocument,
  offerJson,
  statusDocument,
  statusJson,
  wishSchema,
} from './documents.js';
import { CallbackGuard } from './guard.js';
import { VisitorLanguage } from './words.js';

/** Promises of a call back, for visitors: anonymous, in their language. */
@ApiTags('callbacks')
@ApiQuery({ name: 'lang', required: false, description: 'Language of problem documents; otherwise Accept-Language.' })
@UseGuards(Anywhere)
@Controller('public/v1')
export class PublicCallbacksController {
  constructor(
    @Inject(CallbackDesk) private readonly desk: CallbackDesk,
    @Inject(CallbackGuard) private readonly guard: CallbackGuard,
    @Inject(Catalog) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly now: Clock,
  ) {}

  @Get(':tenant/queues/:queue/callbacks')
  @ApiOperation({
    summary: 'Whether the queue promises to call back now, and when',
    description: 'Ask once a visitor wants it: the puzzle, where there is one, is good for ten minutes.',
  })
  @ApiResponse({ status: 200, description: 'The offer.', content: jsonContent(offerDocument) })
  @ApiResponse({ status: 404, description: 'Unknown queue, or not public.' })
  async offer(
    @Param('tenant') tenant: string,
    @Param('queue') id: string,
    @VisitorLanguage() language: string,
    @Res() response: Response,
  ): Promise<void> {
    const queue = this.desk.publicQueue(tenant, id, language);
    const offer = await this.desk.offer(queue, language);
    response.json(
      offerJson(queue, this.catalog, offer, this.guard.challenge(tenant, id), this.desk.isCodeNeeded(tenant)),
    );
  }

  @Post(':tenant/queues/:queue/callbacks')
  @ApiOperation({
    summary: 'Ask to be called back',
    description:
      'The answer comes when the promise is durable. A number that has an open promise already gets the same answer: there is one call.',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'Any text of the sender that nobody can guess, a UUID: asked again with the same number and key it is the same promise, and its link.',
  })
  @ApiBody({ schema: openApi(wishSchema, 'input') })
  @ApiResponse({
    status: 201,
    description: 'Promised; `Location` is the link for the customer.',
    content: jsonContent(statusDocument),
  })
  @ApiResponse({ status: 400, description: 'A field is missing or not right; `errors` names each.' })
  @ApiResponse({
    status: 403,
    description:
      'The puzzle is not solved (`proofOfWork` has a new one), or the code is not the one sent: `reason` is `code_missing`, `code_wrong`, `code_expired` or `code_spent`.',
  })
  @ApiResponse({ status: 404, description: 'Unknown queue, or not public.' })
  @ApiResponse({
    status: 409,
    description: 'Not offered now, or the window is taken; `reason` and `windows` say more.',
  })
  @ApiResponse({
    status: 429,
    description: 'Too many from this address or to this number; `Retry-After` says when again.',
  })
  @ApiResponse({ status: 503, description: 'Nothing was promised: try again after `Retry-After`.' })
  async ask(
    @Param('tenant') tenant: string,
    @Param('queue') id: string,
    @VisitorLanguage() language: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const queue = this.desk.publicQueue(tenant, id, language);
    await this.desk.promise(queue, null, language, request, response);
  }

  @Post(':tenant/queues/:queue/callbacks/codes')
  @ApiOperation({
    summary: 'Have a code sent to the number',
    description:
      "Where the offer has `codeNeeded`: by the tenant's own sender. The code goes into the wish, with the challenge.",
  })
  @ApiBody({ schema: openApi(codeWishSchema, 'input') })
  @ApiResponse({ status: 202, description: 'Sent.', content: jsonContent(codeDocument) })
  @ApiResponse({ status: 400, description: 'A field is missing or not right; `errors` names each.' })
  @ApiResponse({ status: 403, description: 'The puzzle is not solved; `proofOfWork` has a new one.' })
  @ApiResponse({ status: 404, description: 'Unknown queue, or not public, or no code is needed.' })
  @ApiResponse({ status: 409, description: 'Not offered now; `reason` and `windows` say more.' })
  @ApiResponse({ status: 429, description: 'Too many from this address or to this number.' })
  @ApiResponse({ status: 503, description: 'It could not be sent: try again after `Retry-After`.' })
  async sendCode(
    @Param('tenant') tenant: string,
    @Param('queue') id: string,
    @VisitorLanguage() language: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.desk.sendCode(this.desk.publicQueue(tenant, id, language), language, request, response);
  }

  @Get('callbacks/:token')
  @ApiOperation({ summary: 'A promise, for whoever has its link' })
  @ApiResponse({ status: 200, description: 'The promise as it stands.', content: jsonContent(statusDocument) })
  @ApiResponse({ status: 404, description: 'No such link.' })
  async show(
    @Param('token') token: string,
    @VisitorLanguage() language: string,
    @Res() response: Response,
  ): Promise<void> {
    const { queue, row } = await this.desk.show(token, language);
    response.json(statusJson(token, queue, row, this.now()));
  }

  @Patch('callbacks/:token')
  @ApiOperation({
    summary: 'Move a promise to another window',
    description: 'Windows are those of the offer of its queue.',
  })
  @ApiBody({ schema: openApi(moveSchema, 'input') })
  @ApiResponse({ status: 200, description: 'The promise as it stands now.', content: jsonContent(statusDocument) })
  @ApiResponse({ status: 404, description: 'No such link.' })
  @ApiResponse({ status: 409, description: 'The promise is over, or the window is not free; `windows` lists them.' })
  async move(
    @Param('token') token: string,
    @VisitorLanguage() language: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const read = () => this.desk.body(request, moveSchema, language);
    const { queue, row } = await this.desk.move(token, language, request, read);
    response.json(statusJson(token, queue, row, this.now()));
  }

  @Delete('callbacks/:token')
  @ApiOperation({ summary: 'Cancel a promise' })
  @ApiResponse({ status: 200, description: 'The promise, cancelled.', content: jsonContent(statusDocument) })
  @ApiResponse({ status: 404, description: 'No such link.' })
  @ApiResponse({ status: 409, description: 'The promise was kept already.' })
  async cancel(
    @Param('token') token: string,
    @VisitorLanguage() language: string,
    @Res() response: Response,
  ): Promise<void> {
    const { queue, row } = await this.desk.cancel(token, language);
    response.json(statusJson(token, queue, row, this.now()));
  }
}
