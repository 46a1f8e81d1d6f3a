import { z } from 'zod';
import { settingsSchema } from './schema.js';

/** One setting, or a group or list of them, as the schema describes it: the input side in JSON Schema terms. */
export interface SettingNode {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  /** Environment variable that overrides this setting. */
  readonly env?: string;
  /** The value must not be repeated in messages. */
  readonly secret?: boolean;
  readonly properties?: Readonly<Record<string, SettingNode>>;
  readonly required?: readonly string[];
  readonly items?: SettingNode;
  readonly anyOf?: readonly SettingNode[];
  readonly additionalProperties?: boolean | SettingNode;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
  readonly pattern?: string;
}

/** Path of a setting: property names and list positions. */
export type SettingPath = readonly (string | number)[];

/** All settings, as a tree. */
export const settingsOutline = z.toJSONSchema(settingsSchema, { io: 'input' }) as SettingNode;

/** The part of a node that has properties or items: itself, or the one such alternative. */
export const structureOf = (node: SettingNode): SettingNode =>
  (node.properties ?? node.items) ? node : (node.anyOf?.find((option) => option.properties ?? option.items) ?? node);

/** The node at a path; undefined if the path leads to an unknown setting. */
export const nodeAt = (path: SettingPath, from: SettingNode = settingsOutline): SettingNode | undefined => {
  let node: SettingNode | undefined = from;
  for (const step of path) {
    const structure: SettingNode = structureOf(node);
    node = typeof step === 'number' ? structure.items : structure.properties?.[step];
    if (!node) return undefined;
  }
  return node;
};

/** A path as people write it: `tenants[0].queues[2].thresholdSeconds`. */
export const pathText = (path: SettingPath): string =>
  path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`)).join('');

/** Every leaf below a node that the environment overrides, with its path. */
export const environmentSettings = (
  node: SettingNode = settingsOutline,
  path: SettingPath = [],
): { readonly env: string; readonly path: SettingPath; readonly node: SettingNode }[] => [
  ...(node.env === undefined ? [] : [{ env: node.env, path, node }]),
  ...Object.entries(node.properties ?? {}).flatMap(([name, child]) => environmentSettings(child, [...path, name])),
];

const range = ({ minimum, maximum }: SettingNode): string => {
  const least = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined;
  const most = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  if (least !== undefined) return ` of at least ${least}`;
  return most === undefined ? '' : ` of at most ${most}`;
};

/** What may stand here, in words: "a whole number from 0 to 65535". */
export const describeNode = (node: SettingNode): string => {
  if (node.const !== undefined) return node.const;
  if (node.enum) return `one of ${node.enum.join(', ')}`;
  if (node.anyOf) return [...new Set(node.anyOf.map(describeNode))].join(', or ');
  switch (node.type) {
    case 'integer':
      return `a whole number${range(node)}`;
    case 'number':
      return `a number${range(node)}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return `a list${node.items ? ` (each ${describeNode(node.items)})` : ''}`;
    case 'object':
      if (node.properties) return `a group of ${Object.keys(node.properties).join(', ')}`;
      return 'a group of names and texts';
    default:
      return node.format === 'date' ? 'a date like 2026-12-25' : node.format === 'uri' ? 'a URL' : 'text';
  }
};
