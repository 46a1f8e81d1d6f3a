import type { DynamicModule, LoggerService, LogLevel, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { serveDocs } from './docs.js';
import { securityHeaders } from './headers.js';
import { ProblemFilter } from './problem.filter.js';
import { LiveSocketAdapter } from './socket-adapter.js';

export interface HttpAppOptions {
  readonly logger?: LoggerService | LogLevel[] | false;
  /** Serve the OpenAPI document at `/docs`. */
  readonly docs?: boolean;
}

/** Connections that may wait to be taken, as far as the kernel allows: after an outage of the network all browsers are back
 * within seconds, and what does not fit is refused. */
const BACKLOG = 4096;

/** Listens at an address. Port 0: any that is free. */
export const listen = async (
  app: NestExpressApplication,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> => {
  // Nest hands all of it to `server.listen`, and declares less than that takes.
  await app.listen(port, host, BACKLOG as never);
};

/**
 * A Nest application as every process of Queuecast runs it: problem documents, security headers, socket.io on the same
 * port, API documentation. The caller listens, and closes.
 *
 * No global body parser: the collector reads raw bytes, and the few routes that take JSON parse it themselves.
 */
export const createHttpApp = async (
  root: DynamicModule | Type<unknown>,
  options: HttpAppOptions = {},
): Promise<NestExpressApplication> => {
  const app = await NestFactory.create<NestExpressApplication>(root, {
    bodyParser: false,
    abortOnError: false,
    logger: options.logger ?? ['fatal', 'error', 'warn'],
  });
  app.disable('x-powered-by');
  // Public documents carry strong tags of their own; a hash of every report would be for nobody.
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(securityHeaders);
  app.useGlobalFilters(new ProblemFilter());
  app.useWebSocketAdapter(new LiveSocketAdapter(app));
  if (options.docs ?? true) serveDocs(app);
  return app;
};
