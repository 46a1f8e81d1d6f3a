import { ProblemException, sessionCookie, Sessions, SignInTickets } from '@queuecast/http';
import type { Settings } from '@queuecast/settings';
import { Controller, Get, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { GATEWAY_SETTINGS } from '../gateway.tokens.js';
import { GatewayMetrics } from '../metrics.js';

/** A working week of shifts without signing in again. */
export const SESSION_SECONDS = 7 * 86_400;

/** Turns a one-time link into a session cookie, and ends a session. */
@ApiExcludeController()
@Controller()
export class SignInController {
  constructor(
    @Inject(GATEWAY_SETTINGS) private readonly settings: Settings,
    @Inject(SignInTickets) private readonly tickets: SignInTickets,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(GatewayMetrics) private readonly metrics: GatewayMetrics,
  ) {}

  @Get('login')
  async login(@Query('ticket') ticket: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    response.setHeader('Cache-Control', 'no-store');
    // Mail and chat programs look at links before people do; many ask for the head only, and must not spend the ticket.
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    const tenant = typeof ticket === 'string' ? this.tickets.spend(ticket) : null;
    if (tenant === null) {
      this.metrics.refusals.inc({ where: 'login', reason: ticket === undefined ? 'no_ticket' : 'spent_ticket' });
      // People are told so by the page, in their language; whoever is signed in already gets his wallboard.
      if (request.accepts(['json', 'html']) === 'html') {
        response.redirect(303, '/wallboard?link=spent');
        return;
      }
      throw new ProblemException(403, {
        detail:
          'this sign-in link is not valid, or has been used: a link works once. Ask for a new one: POST /v1/sign-in-links, or restart to have one printed',
      });
    }
    const { token } = await this.sessions.mint(tenant, SESSION_SECONDS);
    response.setHeader('Set-Cookie', sessionCookie(token, SESSION_SECONDS, this.isSecure));
    response.redirect(303, '/wallboard');
  }

  @Post('logout')
  logout(@Res() response: Response): void {
    response.setHeader('Set-Cookie', sessionCookie('', 0, this.isSecure));
    response.setHeader('Clear-Site-Data', '"storage"');
    response.redirect(303, '/');
  }

  private get isSecure(): boolean {
    return this.settings.server.publicUrl?.startsWith('https:') ?? false;
  }
}
