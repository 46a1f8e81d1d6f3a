import { ApiKeys, jsonBody, Sessions, SignInTickets } from '@queuecast/http';
import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { ByKey, openApi } from '../openapi.js';
import { SESSION_SECONDS } from './sign-in.controller.js';

const DAY_SECONDS = 86_400;
const YEAR_SECONDS = 366 * DAY_SECONDS;

const lifetime = (defaultSeconds: number, maximumSeconds: number) =>
  z.strictObject({
    ttlSeconds: z
      .int(`must be a whole number of seconds, from 60 to ${maximumSeconds}`)
      .min(60, 'must be at least 60')
      .max(maximumSeconds, `must be at most ${maximumSeconds}`)
      .default(defaultSeconds),
  });
const tokenBody = lifetime(SESSION_SECONDS, YEAR_SECONDS);
const linkBody = lifetime(DAY_SECONDS, 7 * DAY_SECONDS);

/** Sessions for screens and programs, by an API key with the scope `reports`. They are of the key's tenant. */
@ApiTags('sign-in')
@ByKey()
@Controller('v1')
export class TokensController {
  constructor(
    @Inject(ApiKeys) private readonly keys: ApiKeys,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(SignInTickets) private readonly tickets: SignInTickets,
  ) {}

  @Post('tokens')
  @ApiOperation({
    summary: 'A session token',
    description: 'For `auth.token` of the `/wallboard` namespace, or as Bearer.',
  })
  @ApiBody({ schema: openApi(tokenBody, 'input'), required: false })
  @ApiResponse({ status: 201, description: 'The token, its tenant and its end.' })
  async token(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { tenant } = this.keys.require(request, 'reports', 'tokens');
    const { ttlSeconds } = await jsonBody(request, tokenBody);
    const { token, expiresAt } = await this.sessions.mint(tenant, ttlSeconds);
    created(response, { token, tenant, expiresAt: new Date(expiresAt).toISOString() });
  }

  @Post('sign-in-links')
  @ApiOperation({
    summary: 'A one-time sign-in link',
    description: 'Opened in a browser it signs in once. Known to this gateway only, and until it restarts.',
  })
  @ApiBody({ schema: openApi(linkBody, 'input'), required: false })
  @ApiResponse({ status: 201, description: 'The path to open, on the address of this gateway.' })
  async link(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { tenant } = this.keys.require(request, 'reports', 'sign-in-links');
    const { ttlSeconds } = await jsonBody(request, linkBody);
    created(response, { path: this.tickets.link(tenant, ttlSeconds), tenant });
  }
}

const created = (response: Response, body: unknown): void => {
  response.setHeader('Cache-Control', 'no-store');
  response.status(201).json(body);
};
