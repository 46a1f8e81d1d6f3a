import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { ProblemException } from './problem.js';

const MAX_BYTES = 16_384;

/**
 * The body of a small JSON request, validated. No body counts as `{}`.
 *
 * @throws ProblemException 413 above 16 KiB, 400 if it is not JSON or a field is not valid, naming the field
 */
export const jsonBody = async <Schema extends z.ZodType>(
  request: IncomingMessage,
  schema: Schema,
): Promise<z.output<Schema>> => validated(jsonOf(await bodyText(request)), schema);

/** What a request sent, validated. @throws ProblemException 400 naming the fields that are not valid */
export const validated = <Schema extends z.ZodType>(value: unknown, schema: Schema): z.output<Schema> => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message }));
  const [first] = errors;
  throw new ProblemException(400, { detail: `${first?.field ? `${first.field}: ` : ''}${first?.message}`, errors });
};

/**
 * The fields of a small form, as a browser sends it without scripts (`application/x-www-form-urlencoded`).
 *
 * @throws ProblemException 413 above 16 KiB
 */
export const formBody = async (request: IncomingMessage): Promise<URLSearchParams> =>
  new URLSearchParams(await bodyText(request));

const bodyText = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BYTES)
      throw new ProblemException(413, {
        detail: `the body has more than ${MAX_BYTES} bytes: send the fields of this request only`,
        headers: { Connection: 'close' },
      });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8').trim();
};

const jsonOf = (text: string): unknown => {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ProblemException(400, { detail: `the body is not JSON: ${(error as Error).message}` });
  }
};
