import { STATUS_CODES, type ServerResponse } from 'node:http';
import { HttpException } from '@nestjs/common';

/** One thing wrong with a request: the field or parameter it concerns, and the remedy. */
export interface ProblemDetail {
  /** Path of the field in the body, for instance `ttlSeconds`. */
  readonly field?: string;
  /** Name of the query parameter or header. */
  readonly parameter?: string;
  readonly message: string;
}

/** A problem document of RFC 9457, as it is sent. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly errors?: readonly ProblemDetail[];
}

export const PROBLEM_JSON = 'application/problem+json';

export interface ProblemOptions {
  /** What this occurrence is about, and the remedy. */
  readonly detail?: string;
  readonly errors?: readonly ProblemDetail[];
  readonly headers?: Readonly<Record<string, string>>;
  /** The title if the status' own name says too little. */
  readonly title?: string;
  /** Further members of the document, as RFC 9457 allows. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** An expected refusal: {@link ProblemFilter} answers with its problem document and headers. */
export class ProblemException extends HttpException {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, options: ProblemOptions = {}) {
    const title = options.title ?? STATUS_CODES[status] ?? 'Error';
    super(title, status);
    this.problem = {
      type: 'about:blank',
      title,
      status,
      ...(options.detail === undefined ? {} : { detail: options.detail }),
      ...(options.errors === undefined ? {} : { errors: options.errors }),
      ...options.extensions,
    };
    this.headers = options.headers ?? {};
  }
}

/** Something this server depends on is away for now; `retryAfterSeconds` is what the sender is told. */
export const awayProblem = (detail: string, retryAfterSeconds = 5): ProblemException =>
  new ProblemException(503, { detail, headers: { 'Retry-After': String(retryAfterSeconds) } });

/** Writes a problem document and ends the response; does nothing once headers are out. */
export const sendProblem = (
  response: ServerResponse,
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): void => {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = Buffer.from(JSON.stringify(problem));
  // What the handler had set described a body that is not sent.
  for (const stale of ['ETag', 'Cache-Control', 'Content-Disposition', 'Content-Encoding', 'Link'])
    response.removeHeader(stale);
  response.statusCode = problem.status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader('Content-Type', PROBLEM_JSON);
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Length', body.length);
  response.end(response.req?.method === 'HEAD' ? undefined : body);
};
