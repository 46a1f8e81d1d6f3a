import { environmentSettings, type SettingNode, type SettingPath } from './outline.js';

/** The environment as a process sees it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting that the environment overrides. */
export interface Override {
  readonly env: string;
  readonly path: SettingPath;
  readonly value: unknown;
}

const decode = (text: string, node: SettingNode): unknown => {
  if (node.type === 'array')
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  // A text that is no number is passed on: the schema says what is wanted.
  if (node.type === 'integer' && /^-?\d+$/.test(text.trim())) return Number(text);
  return text;
};

/** The settings that the environment overrides. An empty variable counts as absent, as compose files leave them. */
export const readEnvironment = (environment: Environment): Override[] =>
  environmentSettings().flatMap(({ env, path, node }) => {
    const text = environment[env];
    return text === undefined || text === '' ? [] : [{ env, path, value: decode(text, node) }];
  });

/** The document with the overrides in place; groups that are absent are made. */
export const applyOverrides = (document: unknown, overrides: readonly Override[]): unknown => {
  const result: unknown = structuredClone(document);
  for (const { path, value } of overrides) {
    let group = result;
    for (const step of path.slice(0, -1)) {
      if (typeof group !== 'object' || group === null) break;
      const inner = group as Record<string, unknown>;
      group = inner[step as string] ??= {};
    }
    // A group that is not one is left as it is, for the schema to name.
    if (typeof group === 'object' && group !== null) (group as Record<string, unknown>)[path.at(-1) as string] = value;
  }
  return result;
};
