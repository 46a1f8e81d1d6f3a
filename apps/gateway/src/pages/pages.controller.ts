import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ProblemException } from '@queuecast/http';
import { Controller, Get, Inject, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { WEB_DIRECTORY } from '../gateway.tokens.js';

const YEAR_SECONDS = 31_536_000;

/** The wallboard, and what pages are made of, as Vite built them. */
@ApiExcludeController()
@Controller()
export class PagesController {
  constructor(@Inject(WEB_DIRECTORY) private readonly directory: string) {}

  @Get('wallboard')
  wallboard(@Res() response: Response): Promise<void> {
    return this.page(response, 'wallboard.html');
  }

  @Get('client/queuecast.js')
  client(@Res() response: Response): Promise<void> {
    return this.shared(response, 'client/queuecast.js');
  }

  /** Their names carry a hash of their content. */
  @Get('assets/*path')
  asset(@Param('path') path: string | string[], @Res() response: Response): Promise<void> {
    return this.file(response, join('assets', ...[path].flat()), `public, max-age=${YEAR_SECONDS}, immutable`);
  }

  @Get('favicon.svg')
  icon(@Res() response: Response): Promise<void> {
    return this.file(response, 'favicon.svg', 'public, max-age=86400');
  }

  /** A script that any website may load. */
  private shared(response: Response, path: string): Promise<void> {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    return this.file(response, path, 'public, max-age=300, stale-while-revalidate=86400');
  }

  private page(response: Response, name: string): Promise<void> {
    if (!existsSync(join(this.directory, name)))
      throw new ProblemException(503, {
        title: 'The pages are not built',
        detail: 'run npm run build, then start again; the API and the sockets work without the pages',
      });
    return this.file(response, name, 'no-cache');
  }

  private file(response: Response, path: string, caching: string): Promise<void> {
    response.setHeader('Cache-Control', caching);
    return new Promise((resolve, reject) => {
      const options = { root: this.directory, cacheControl: false, etag: true, lastModified: false } as const;
      response.sendFile(path, options, (error: (Error & { status?: number }) | undefined) => {
        // The browser went away, or has its answer: there is nobody to tell.
        if (!error || response.headersSent) resolve();
        else reject(error.status === 404 ? new ProblemException(404, { detail: 'there is no such file' }) : error);
      });
    });
  }
}
