import type { z } from 'zod';
import { describeNode, nodeAt, structureOf, type SettingPath } from './outline.js';
import type { SettingProblem } from './problems.js';

/** Edits needed to turn one word into the other: insertions, deletions, replacements, swaps of neighbours. */
const editDistance = (a: string, b: string): number => {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i, ...Array<number>(b.length).fill(0)]);
  for (let j = 0; j <= b.length; j++) rows[0]![j] = j;
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++) {
      const replaced = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      rows[i]![j] = Math.min(rows[i - 1]![j]! + 1, rows[i]![j - 1]! + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        rows[i]![j] = Math.min(rows[i]![j]!, rows[i - 2]![j - 2]! + 1);
    }
  return rows[a.length]![b.length]!;
};

/** The known name that a misspelt one most likely means; undefined if none is near. */
export const nearest = (word: string, known: readonly string[]): string | undefined => {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[-_]/g, '');
  const ranked = known
    .map((name) => ({ name, edits: editDistance(plain(word), plain(name)) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best && best.edits <= Math.max(1, Math.floor(word.length / 3)) ? best.name : undefined;
};

const valueAt = (value: unknown, path: SettingPath): unknown =>
  path.reduce<unknown>(
    (inner, step) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string | number, unknown>)[step] : undefined,
    value,
  );

const quoted = (value: unknown): string => {
  if (typeof value === 'string') return value.length > 60 ? `"${value.slice(0, 57)}..."` : `"${value}"`;
  if (Array.isArray(value)) return 'a list';
  if (value === null) return 'empty';
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'a group';
};

const unknownKey = (path: SettingPath, key: string): SettingProblem => {
  const known = Object.keys(structureOf(nodeAt(path) ?? {}).properties ?? {});
  const meant = nearest(key, known);
  const remedy = meant ? `did you mean ${meant}?` : `known here: ${known.join(', ')}`;
  return { path: [...path, key], atKey: key, message: `is not a setting: ${remedy}` };
};

/** The issues of the alternative that the value comes nearest to; undefined if it resembles none. */
const nearestAlternative = (errors: readonly z.core.$ZodIssue[][]): readonly z.core.$ZodIssue[] | undefined =>
  errors.find((issues) =>
    issues.every((issue) => issue.path.length > 0 || !['invalid_type', 'invalid_value'].includes(issue.code)),
  );

/**
 * Turns one issue of the schema into problems that say what would be right.
 *
 * @param document the settings as read, to quote the offending value
 */
export const explain = (issue: z.core.$ZodIssue, document: unknown, prefix: SettingPath = []): SettingProblem[] => {
  const path: SettingPath = [...prefix, ...(issue.path as (string | number)[])];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key));
  if (issue.code === 'invalid_union') {
    const nearer = nearestAlternative(issue.errors);
    if (nearer) return nearer.flatMap((inner) => explain(inner, document, path));
  }
  const node = nodeAt(path);
  const value = valueAt(document, path);
  const own = /^(must|give) /.test(issue.message) ? issue.message : undefined;
  const wanted = node ? `must be ${describeNode(node)}` : issue.message;
  if (value === undefined) return [{ path, message: `is missing: ${own ?? wanted}` }];
  const hint = node?.type === 'string' && typeof value === 'number' ? ': put it in quotes' : '';
  const found = node?.secret || (typeof value === 'object' && value !== null && own) ? '' : `, not ${quoted(value)}`;
  if (issue.code === 'too_big' && Array.isArray(value))
    return [{ path, message: `must have at most ${issue.maximum} entries, not ${value.length}` }];
  return [{ path, message: `${own ?? wanted}${found}${hint}` }];
};
