import { formBody, type ProblemException } from '@queuecast/http';
import type { CallbackPage, PageProblem } from '@queuecast/live';
import { Catalog } from '@queuecast/settings';
import { Controller, Get, Inject, Param, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { CallbackDesk } from '../callbacks/callback-desk.js';
import { moveSchema, stateOf } from '../callbacks/documents.js';
import { CLOCK, type Clock } from '../gateway.tokens.js';
import { pageProblem } from './page-problem.js';
import { PageProblemFilter } from './page-problem.filter.js';
import { PageRenderer } from './page-renderer.js';

/** A promise on a page of its own: whoever has the link sees, moves and cancels it, without scripts. */
@ApiExcludeController()
@UseFilters(PageProblemFilter)
@Controller('callbacks/:token')
export class CallbackPagesController {
  constructor(
    @Inject(PageRenderer) private readonly renderer: PageRenderer,
    @Inject(CallbackDesk) private readonly desk: CallbackDesk,
    @Inject(Catalog) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly now: Clock,
  ) {}

  @Get()
  async show(@Param('token') token: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    await this.send(token, null, 200, request, response);
  }

  /** Whoever reloads the answer to a form that was refused. */
  @Get(['move', 'cancel'])
  again(@Param('token') token: string, @Res() response: Response): void {
    response.redirect(303, pathOf(token));
  }

  @Post('move')
  async move(@Param('token') token: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const sent = await formBody(request);
    const body = { window: { from: sent.get('window') ?? '' } };
    await this.change(token, request, response, (language) =>
      this.desk.move(token, language, request, () => this.desk.fields(body, moveSchema, language)),
    );
  }

  @Post('cancel')
  async cancel(@Param('token') token: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    await this.change(token, request, response, (language) => this.desk.cancel(token, language));
  }

  /** Changes a promise and leads back to it; what was refused is told beside it. */
  private async change(
    token: string,
    request: Request,
    response: Response,
    work: (language: string) => Promise<unknown>,
  ): Promise<void> {
    const language = await this.language(request);
    try {
      await work(language);
      response.setHeader('Cache-Control', 'no-store');
      response.redirect(303, `${pathOf(token)}?${new URLSearchParams({ lang: language }).toString()}`);
    } catch (error) {
      const problem = pageProblem(error);
      const refused = error as ProblemException;
      // There is no promise to tell it beside.
      if (refused.problem.status === 404) throw error;
      for (const [name, value] of Object.entries(refused.headers)) response.setHeader(name, value);
      await this.send(token, problem, refused.problem.status, request, response);
    }
  }

  private async send(
    token: string,
    problem: PageProblem | null,
    status: number,
    request: Request,
    response: Response,
  ): Promise<void> {
    const language = await this.language(request);
    const { queue, row } = await this.desk.show(token, language);
    const now = this.now();
    const { state, canChange } = stateOf(row, now);
    const page: CallbackPage = {
      tenant: queue.tenant,
      tenantName: this.catalog.tenantName(queue.tenant),
      queue: queue.id,
      name: queue.name,
      timeZone: queue.timeZone,
      state,
      dueAt: row.dueAt,
      window: row.window,
      attempts: row.attempts,
      closedAt: row.closedAt,
      canChange,
      windows: canChange ? (await this.desk.offer(queue, language)).windows : [],
      problem,
    };
    const wanted = this.renderer.wanted(request);
    const visit = { wanted, path: pathOf(token), query: {}, now };
    const built = await this.renderer.build(wanted, (pages) => pages.callback(visit, page));
    await this.renderer.send(request, response, built, { status });
  }

  private async language(request: Request): Promise<string> {
    return (await this.renderer.pages()).language(this.renderer.wanted(request)).language;
  }
}

const pathOf = (token: string): string => `/callbacks/${encodeURIComponent(token)}`;
