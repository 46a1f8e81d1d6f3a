import { readFileSync } from 'node:fs';
import { CHANNELS } from '@queuecast/events';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';

const column = z.string().min(1);

/** How the columns of a file of call records are to be read. */
export const mappingSchema = z.strictObject({
  /** Names the recording; begins every id made from it. */
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, dot, dash and underscore; at most 64'),
  timeZone: z.string().refine((zone) => {
    try {
      new Intl.DateTimeFormat('en', { timeZone: zone });
      return true;
    } catch {
      return false;
    }
  }, 'must be an IANA time zone, for instance Europe/Amsterdam'),
  /** `iso`, `epoch_seconds`, `epoch_milliseconds`, or a pattern of yyyy MM dd HH mm ss SSS. */
  timeFormat: z.string().default('yyyy-MM-dd HH:mm:ss'),
  /** What stands for "no value"; an empty cell always does. */
  nullMarker: z.string().default(''),
  delimiter: z.string().length(1, 'must be one character').default(','),
  channel: z
    .union([
      z.enum(CHANNELS),
      z.strictObject({
        column,
        values: z.record(z.string(), z.enum(CHANNELS)),
        otherwise: z.enum(CHANNELS).optional(),
      }),
    ])
    .default('voice'),
  columns: z.strictObject({
    received: column,
    queue: column,
    agent: column.optional(),
    answered: column.optional(),
    consult: column.optional(),
    transfer: column.optional(),
    hangup: column,
  }),
  /** Queue id by the code in the file; a code that is not listed is the id. */
  queues: z.record(z.string(), z.string().min(1).max(256)).default({}),
  agentPrefix: z.string().max(100).default(''),
  /** Rows that equal an earlier one in every column: the same call recorded twice, or different calls. */
  exactDuplicates: z.enum(['once', 'each']).default('once'),
});

export type Mapping = z.output<typeof mappingSchema>;

/** The mapping file cannot be used: the message names the file, the field and the remedy. */
export class MappingError extends Error {
  override readonly name = 'MappingError';
}

/** Reads and checks a mapping file in YAML. Throws {@link MappingError}. */
export const readMapping = (file: string): Mapping => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new MappingError(`--map ${file} cannot be read: ${(error as Error).message}`);
  }
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    if (error instanceof YAMLParseError) throw new MappingError(`${file} is not YAML: ${error.message}`);
    throw error;
  }
  const mapping = mappingSchema.safeParse(document);
  if (mapping.success) return mapping.data;
  const problems = mapping.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
  throw new MappingError(`${file}: ${problems.join('; ')}`);
};
