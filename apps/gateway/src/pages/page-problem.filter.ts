import { ProblemException, sendProblem } from '@queuecast/http';
import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { CLOCK, type Clock } from '../gateway.tokens.js';
import { PageRenderer } from './page-renderer.js';

/** What is refused to somebody who looks at a page is told as a page, in his language. */
@Catch(ProblemException)
export class PageProblemFilter implements ExceptionFilter<ProblemException> {
  constructor(
    @Inject(PageRenderer) private readonly renderer: PageRenderer,
    @Inject(CLOCK) private readonly now: Clock,
  ) {}

  async catch(error: ProblemException, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    const [request, response] = [http.getRequest<Request>(), http.getResponse<Response>()];
    const { title, detail = '', status } = error.problem;
    const wanted = this.renderer.wanted(request);
    const visit = { wanted, path: request.path, query: {}, now: this.now() };
    try {
      const page = await this.renderer.build(wanted, (pages) =>
        pages.message(visit, { kind: 'problem', title, detail }),
      );
      for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
      await this.renderer.send(request, response, page, { status });
    } catch {
      // The pages are not built: then this is the problem.
      sendProblem(response, error.problem, error.headers);
    }
  }
}
