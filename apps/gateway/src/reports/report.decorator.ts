import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import { ByKeyOrSession, jsonContent } from '../openapi.js';

/** Describes a report: who may read it, what it answers as JSON and as CSV, and how it refuses. */
export const ApiReport = (summary: string, answer: z.ZodType): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary }),
    ByKeyOrSession(),
    ApiProduces('application/json', 'text/csv'),
    ApiResponse({
      status: 200,
      description:
        'A page of rows; `Link` leads to the next. As CSV (`Accept: text/csv`) a figure is headed by its definition, `asa@1`; where that changes within the report by all of them, and a column `asa version` says of each row which it is by.',
      content: { ...jsonContent(answer), 'text/csv': { schema: { type: 'string' } } },
    }),
    ApiResponse({ status: 400, description: 'A parameter is not valid; `errors` names each.' }),
    ApiResponse({ status: 401, description: 'No session and no API key.' }),
    ApiResponse({ status: 403, description: 'Another tenant, or a key without the scope `reports`.' }),
    ApiResponse({ status: 422, description: 'The report takes too much time or memory: ask for less.' }),
    ApiResponse({ status: 503, description: 'The store is away or busy: ask again after `Retry-After`.' }),
  );
