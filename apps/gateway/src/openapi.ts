import { z } from 'zod';

/** A schema as the OpenAPI document has it. */
export const openApi = (schema: z.ZodType, io: 'input' | 'output' = 'output') =>
  z.toJSONSchema(schema, { target: 'openapi-3.0', io }) as Record<string, object>;

/** An answer in JSON, as the OpenAPI document has it. */
export const jsonContent = (schema: z.ZodType) => ({ 'application/json': { schema: openApi(schema) } });
