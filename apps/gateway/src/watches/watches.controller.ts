import { ApiKeys, jsonBody } from '@queuecast/http';
import { Controller, Delete, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { unlessAway } from '../away.js';
import { ByKey, openApi } from '../openapi.js';
import { WatchDesk, type KeptWatch } from './watch-desk.js';

const wishBody = z.strictObject({
  queue: z.string().min(1).max(64),
  underMinutes: z.int().min(1).max(240).meta({ description: "Told when the band's upper bound is no more than this." }),
  url: z
    .string()
    .max(2000)
    .meta({ description: 'HTTPS at a public address, unless `webhooks.allowedHosts` names its host.' }),
  expiresAt: z.iso
    .datetime({ offset: true, error: 'must be an RFC 3339 time with a zone' })
    .optional()
    .meta({ description: "At most 7 days from now; the end of the queue's business day if absent." }),
});

/** "Tell me once when the wait is under so many minutes", by webhook: for programs, since a URL to be called is not for visitors. */
@ApiTags('watches')
@ByKey()
@Controller('v1/watches')
export class WatchesController {
  constructor(
    @Inject(WatchDesk) private readonly desk: WatchDesk,
    @Inject(ApiKeys) private readonly keys: ApiKeys,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Tell a URL once when the wait is short enough',
    description:
      'Signed as Standard Webhooks has it, and repeated for an hour at most until it is confirmed with 2xx. Scope `reports`.',
  })
  @ApiBody({ schema: openApi(wishBody, 'input') })
  @ApiResponse({ status: 201, description: 'It is in the log, durably.' })
  @ApiResponse({ status: 400, description: 'A field is not valid; the problem names it.' })
  @ApiResponse({ status: 403, description: 'The tenant has no `webhooks` in the configuration.' })
  @ApiResponse({ status: 429, description: 'The tenant has 1,000 open watches.' })
  async set(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { tenant } = this.keys.require(request, 'reports', 'watches');
    const wish = await jsonBody(request, wishBody);
    const watch = await unlessAway(() => this.desk.set(tenant, wish));
    response.setHeader('Cache-Control', 'no-store');
    response.status(201).location(`/v1/watches/${watch.id}`).json(shown(watch));
  }

  @Get()
  @ApiOperation({ summary: 'Watches that are open', description: 'Scope `reports`.' })
  @ApiResponse({ status: 200, description: 'All of the tenant, oldest first.' })
  async list(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { tenant } = this.keys.require(request, 'reports', 'watches');
    const open = await unlessAway(() => this.desk.open(tenant));
    response.setHeader('Cache-Control', 'private, no-store');
    response.json({ tenant, watches: open.map(shown) });
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Nobody is to be told any more', description: 'Scope `reports`.' })
  @ApiResponse({ status: 204, description: 'It is cleared, durably.' })
  @ApiResponse({ status: 404, description: 'No open watch of the tenant.' })
  async clear(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const { tenant } = this.keys.require(request, 'reports', 'watches');
    await unlessAway(() => this.desk.clear(tenant, id));
    response.setHeader('Cache-Control', 'no-store');
    response.status(204).end();
  }
}

const shown = ({ id, queue, underMinutes, url, setAt, expiresAt }: KeptWatch) => ({
  id,
  queue,
  underMinutes,
  url,
  setAt: new Date(setAt).toISOString(),
  expiresAt: new Date(expiresAt).toISOString(),
});
