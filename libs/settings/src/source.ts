import { isMap, isPair, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import { pathText, type SettingPath } from './outline.js';
import { SettingsError, type SettingProblem } from './problems.js';

/** A settings file, decoded, that knows where each setting stands. */
export interface SettingsSource {
  readonly value: unknown;
  /** A problem as one line: `queuecast.yaml:14:7 tenants[0].name: must be text, not 3: put it in quotes`. */
  place(problem: SettingProblem): string;
  /** Where the problem stands, to tell problems in the order of the file. */
  offset(problem: SettingProblem): number;
}

const keyOffset = (document: Document, parent: SettingPath, key: string): number | undefined => {
  const map = parent.length === 0 ? document.contents : document.getIn(parent, true);
  if (!isMap(map)) return undefined;
  const pair = map.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key);
  return pair && isScalar(pair.key) ? pair.key.range?.[0] : undefined;
};

const offsetOf = (document: Document, { path, atKey }: SettingProblem): number => {
  if (atKey !== undefined) return keyOffset(document, path.slice(0, -1), atKey) ?? 0;
  // What is missing has no place of its own: its group's is the nearest.
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined;
    if (node?.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
};

/**
 * Decodes a settings file.
 *
 * @param name how messages call the file
 * @throws {@link SettingsError} with line and column where it is not YAML
 */
export const parseSettingsFile = (text: string, name: string): SettingsSource => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  if (document.errors.length > 0)
    throw new SettingsError(document.errors.map((error) => `${at(error.pos[0])} ${error.message}`));
  let value: unknown;
  try {
    value = document.toJS() ?? {};
  } catch (error) {
    throw new SettingsError([`${name} ${(error as Error).message}`]);
  }
  return {
    value,
    offset: (problem) => offsetOf(document, problem),
    place: (problem) => {
      const path = pathText(problem.path);
      return `${at(offsetOf(document, problem))} ${path ? `${path}: ` : ''}${problem.message}`;
    },
  };
};
