import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiCookieAuth, ApiSecurity } from '@nestjs/swagger';
import { z } from 'zod';

/** The routes are for who has an API key, as Bearer or in its own header. */
export const ByKey = () => applyDecorators(ApiBearerAuth('key'), ApiSecurity('header'));

/** The routes are for who has an API key, or has signed in. */
export const ByKeyOrSession = () => applyDecorators(ByKey(), ApiCookieAuth('session'));

/** A schema as the OpenAPI document has it. */
export const openApi = (schema: z.ZodType, io: 'input' | 'output' = 'output') =>
  z.toJSONSchema(schema, { target: 'openapi-3.0', io }) as Record<string, object>;

/** An answer in JSON, as the OpenAPI document has it. */
export const jsonContent = (schema: z.ZodType) => ({ 'application/json': { schema: openApi(schema) } });
