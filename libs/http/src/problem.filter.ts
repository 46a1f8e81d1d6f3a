import type { Request, Response } from 'express';
import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { ProblemException, sendProblem, type Problem } from './problem.js';

const isHttpError = (error: unknown): error is Error & { readonly status: number } =>
  error instanceof Error && 'status' in error && typeof error.status === 'number';

/**
 * Every error of every HTTP route as a problem document. Expected ones are {@link ProblemException}; those of Nest and
 * Express keep their status; anything else is a fault of ours: logged once here, answered 500 without its text.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger('http');

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    if (error instanceof ProblemException) return sendProblem(response, error.problem, error.headers);
    const status = error instanceof HttpException ? error.getStatus() : isHttpError(error) ? error.status : 500;
    if (status < 400 || status >= 500) {
      this.log.error(
        `${request.method} ${request.path}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      return sendProblem(response, new ProblemException(500).problem);
    }
    sendProblem(response, expected(status, error as Error, request));
  }
}

const expected = (status: number, error: Error, request: Request): Problem =>
  new ProblemException(status, {
    detail: status === 404 ? `there is nothing at ${request.method} ${request.path.slice(0, 200)}` : error.message,
  }).problem;
