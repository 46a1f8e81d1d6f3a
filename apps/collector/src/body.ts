import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { awayProblem, ProblemException } from '@queuecast/http';
import type { Framing } from './framing.js';

const gunzipAsync = promisify(gunzip);

const FRAMINGS: Readonly<Record<string, Framing>> = {
  'application/cloudevents+json': 'json',
  'application/cloudevents-batch+json': 'json',
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
};

/**
 * How the request says its events are framed.
 *
 * @throws ProblemException 415 naming the types that are taken
 */
export const framingOf = (request: IncomingMessage): Framing => {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
  const framing = Object.hasOwn(FRAMINGS, type) ? FRAMINGS[type] : undefined;
  if (framing) return framing;
  throw new ProblemException(415, {
    detail: `Content-Type ${type === '' ? 'is missing' : `${type.slice(0, 100)} is not taken`}: send ${Object.keys(FRAMINGS).join(', ')}`,
    headers: { Accept: Object.keys(FRAMINGS).join(', ') },
  });
};

/** Bytes of request bodies held in memory at one time, over all requests: above the bound new ones are told to come back. */
export class BodyBudget {
  private held = 0;
  constructor(readonly maxBytes: number) {}

  /** @throws ProblemException 503 */
  take(bytes: number): void {
    if (this.held + bytes > this.maxBytes)
      throw awayProblem(`more than ${this.maxBytes} bytes of events are in hand already: send again shortly`, 1);
    this.held += bytes;
  }

  give(bytes: number): void {
    this.held -= bytes;
  }
}

/**
 * Reads a request's body whole, decompressed if it is gzip, and hands it to `use`; its bytes count against the budget
 * until that is done.
 *
 * @param maxBytes most bytes of the body, as sent and decompressed
 * @throws ProblemException 413 naming the limit, 415 for another encoding, 400 for a broken one, 503 above the budget
 */
export const withBody = async <Result>(
  request: IncomingMessage,
  maxBytes: number,
  budget: BodyBudget,
  use: (body: Buffer) => Promise<Result>,
): Promise<Result> => {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip')
    throw new ProblemException(415, {
      detail: `Content-Encoding ${encoding.slice(0, 50)} is not taken: send gzip, or none`,
      headers: { 'Accept-Encoding': 'gzip' },
    });
  let taken = 0;
  const take = (bytes: number) => {
    budget.take(bytes);
    taken += bytes;
  };
  try {
    const sent = await collect(request, maxBytes, take);
    return await use(encoding === 'gzip' ? await decompressed(sent, maxBytes, take) : sent);
  } finally {
    budget.give(taken);
  }
};

const tooLarge = (maxBytes: number): ProblemException =>
  new ProblemException(413, {
    detail: `the body has more than ${maxBytes} bytes (ingest.maxBodyBytes): send smaller batches`,
    // What is left of the body is not worth reading.
    headers: { Connection: 'close' },
  });

const collect = (request: IncomingMessage, maxBytes: number, take: (bytes: number) => void): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const declared = Number(request.headers['content-length'] ?? 0);
    const chunks: Buffer[] = [];
    let length = 0;
    let refusal: Error | null = declared > maxBytes ? tooLarge(maxBytes) : null;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      // A sender reads the answer only when it has written its body: a little more is swallowed for its sake.
      if (refusal) return length > 2 * maxBytes ? reject(refusal) : undefined;
      try {
        if (length > maxBytes) throw tooLarge(maxBytes);
        take(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        refusal = error as Error;
        chunks.length = 0;
      }
    });
    request.on('end', () => {
      if (refusal) reject(refusal);
      else resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length));
    });
    const broken = () => reject(new ProblemException(400, { detail: 'the body broke off before its end' }));
    request.on('aborted', broken);
    request.on('error', broken);
  });

const decompressed = async (sent: Buffer, maxBytes: number, take: (bytes: number) => void): Promise<Buffer> => {
  try {
    const body = await gunzipAsync(sent, { maxOutputLength: maxBytes });
    take(body.length);
    return body;
  } catch (error) {
    if (error instanceof ProblemException) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw new ProblemException(400, { detail: `the body is not gzip: ${(error as Error).message}` });
  }
};
