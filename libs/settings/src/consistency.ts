import { z } from 'zod';
import { pathText, type SettingPath } from './outline.js';
import type { SettingProblem } from './problems.js';

/**
 * As much of the document as these checks need, whatever else is wrong with it: all problems are told at once, so a
 * misspelt threshold must not hide a duplicate queue.
 */
const text = z.string().optional().catch(undefined);
const whole = z.number().optional().catch(undefined);
const listOf = <Item extends z.ZodType>(item: Item) => z.array(item).catch([]);
const looseQueue = z
  .object({
    id: text,
    name: z.union([z.string(), z.record(z.string(), z.string())]).catch(''),
    public: z.boolean().catch(false),
    hours: z.record(z.string(), listOf(text)).catch({}),
  })
  .catch({ id: undefined, name: '', public: false, hours: {} });
const looseKey = z
  .object({ name: text, sha256: text, env: text })
  .catch({ name: undefined, sha256: undefined, env: undefined });
const looseTenant = z
  .object({ id: text, queues: listOf(looseQueue), apiKeys: listOf(looseKey) })
  .catch({ id: undefined, queues: [], apiKeys: [] });
const looseSettings = z.object({
  tenants: listOf(looseTenant),
  ingest: z
    .object({ maxEventBytes: whole, maxBodyBytes: whole })
    .catch({ maxEventBytes: undefined, maxBodyBytes: undefined }),
  processor: z
    .object({ sourceQuietSeconds: whole, sourceSilentSeconds: whole })
    .catch({ sourceQuietSeconds: undefined, sourceSilentSeconds: undefined }),
});

interface Named {
  readonly value: string | undefined;
  readonly path: SettingPath;
}

const repeated = (entries: readonly Named[], where: string): SettingProblem[] => {
  const first = new Map<string, SettingPath>();
  return entries.flatMap(({ value, path }) => {
    if (value === undefined) return [];
    const earlier = first.get(value);
    if (earlier) return [{ path, message: `must be unique${where}: ${pathText(earlier)} has it too` }];
    first.set(value, path);
    return [];
  });
};

const SPAN = /^(\d\d:\d\d)-(\d\d:\d\d)$/;

const overlaps = (spans: readonly (string | undefined)[], path: SettingPath): SettingProblem[] => {
  const parsed = spans.flatMap((span, i) => {
    const match = SPAN.exec(span ?? '');
    return match ? [{ span: span!, from: match[1]!, to: match[2]!, i }] : [];
  });
  return parsed
    .toSorted((a, b) => a.from.localeCompare(b.from) || a.i - b.i)
    .flatMap((span, i, sorted) => {
      const before = sorted[i - 1];
      return before && span.from < before.to
        ? [{ path: [...path, span.i], message: `must not overlap ${before.span}: join the two, or move one` }]
        : [];
    });
};

/** What names and hours may take of the public document of a queue, which as a whole is at most 3 KiB. */
export const MAX_PUBLIC_BYTES = 1_024;
/** A date of the document's hours, and each span of it. */
const DATE_BYTES = '{"date":"2026-03-01","spans":[]},'.length;
const SPAN_BYTES = '["08:00","12:30"],'.length;

const tooLong = (queue: z.infer<typeof looseQueue>, path: SettingPath): SettingProblem[] => {
  const spans = Object.values(queue.hours).reduce((count, { length }) => count + length, 0);
  const bytes = Buffer.byteLength(JSON.stringify(queue.name)) + 7 * DATE_BYTES + spans * SPAN_BYTES;
  if (!queue.public || bytes <= MAX_PUBLIC_BYTES) return [];
  const message = `takes ${bytes} bytes together with the hours, of ${MAX_PUBLIC_BYTES} that a public queue may: shorten the names, or name fewer spans`;
  return [{ path: [...path, 'name'], message }];
};

/**
 * What the schema cannot say, because it concerns several settings: unique ids and keys, spans that do not overlap, public
 * names that are short enough, limits that fit each other.
 *
 * @param document the settings as read, whether or not they fit the schema
 */
export const checkConsistency = (document: unknown): SettingProblem[] => {
  const read = looseSettings.safeParse(
    typeof document === 'object' && document !== null ? { tenants: [], ingest: {}, processor: {}, ...document } : {},
  );
  if (!read.success) return [];
  const { tenants, ingest, processor } = read.data;
  const problems: SettingProblem[] = [];
  problems.push(
    ...repeated(
      tenants.map(({ id }, t) => ({ value: id, path: ['tenants', t, 'id'] })),
      '',
    ),
  );
  problems.push(
    ...repeated(
      tenants.flatMap(({ apiKeys }, t) =>
        apiKeys.map(({ sha256 }, k) => ({ value: sha256, path: ['tenants', t, 'apiKeys', k, 'sha256'] })),
      ),
      ' over all tenants',
    ),
  );
  tenants.forEach(({ queues, apiKeys }, t) => {
    const ids = queues.map(({ id }, q) => ({ value: id, path: ['tenants', t, 'queues', q, 'id'] }));
    const names = apiKeys.map(({ name }, k) => ({ value: name, path: ['tenants', t, 'apiKeys', k, 'name'] }));
    problems.push(...repeated(ids, ' in its tenant'), ...repeated(names, ' in its tenant'));
    queues.forEach((queue, q) => {
      const path = ['tenants', t, 'queues', q];
      problems.push(...tooLong(queue, path));
      for (const [day, spans] of Object.entries(queue.hours))
        problems.push(...overlaps(spans, [...path, 'hours', day]));
    });
  });
  if ((ingest.maxBodyBytes ?? Infinity) < (ingest.maxEventBytes ?? 0))
    problems.push({
      path: ['ingest', 'maxBodyBytes'],
      message: `must be at least ingest.maxEventBytes (${ingest.maxEventBytes}): a request holds a whole event`,
    });
  if ((processor.sourceSilentSeconds ?? Infinity) < (processor.sourceQuietSeconds ?? 0))
    problems.push({
      path: ['processor', 'sourceSilentSeconds'],
      message: `must be at least processor.sourceQuietSeconds (${processor.sourceQuietSeconds})`,
    });
  return problems;
};
