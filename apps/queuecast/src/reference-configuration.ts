import { describeNode, settingsOutline, structureOf, type SettingNode } from '@queuecast/settings';

interface SettingRow {
  readonly path: string;
  readonly node: SettingNode;
  readonly required: boolean;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');

const isGroup = (node: SettingNode): boolean => node.type === 'object' && node.properties !== undefined;
const isListOfGroups = (node: SettingNode): boolean => node.type === 'array' && node.items?.properties !== undefined;

/** The settings of one section, in the order of the schema; groups in it are flattened, lists of groups are sections. */
const rowsOf = (node: SettingNode, path: string): SettingRow[] =>
  Object.entries(structureOf(node).properties ?? {}).flatMap(([name, child]) => {
    const inner = path ? `${path}.${name}` : name;
    if (isGroup(child)) return rowsOf(child, inner);
    return [{ path: inner, node: child, required: node.required?.includes(name) ?? false }];
  });

const table = (rows: readonly SettingRow[]): string[] => [
  '| setting | value | default | environment | meaning |',
  '|---|---|---|---|---|',
  ...rows.map(({ path, node, required }) => {
    const value = isListOfGroups(node) ? 'a list, see below' : describeNode(node);
    // The schema's JSON form leaves out the default of a list whose entries are transformed; it is empty.
    const absent = isListOfGroups(node)
      ? '`[]`'
      : required
        ? 'required'
        : node.default === undefined
          ? ''
          : `\`${JSON.stringify(node.default)}\``;
    const variable = node.env ? `\`${node.env}\`` : '';
    return `| \`${path}\` | ${cell(value)} | ${cell(absent)} | ${variable} | ${cell(node.description ?? '')} |`;
  }),
];

const section = (title: string, node: SettingNode, path: string): string[] => {
  const rows = rowsOf(node, path);
  const lists = rows.filter((row) => isListOfGroups(row.node));
  return [
    `## ${title}`,
    '',
    ...table(rows),
    '',
    ...lists.flatMap((row) => section(`\`${row.path}[]\``, row.node.items ?? {}, `${row.path}[]`)),
  ];
};

/** `docs/reference/configuration.md`: every setting with its default, generated from the schema. */
export const configurationPage = (): string =>
  [
    '# Configuration',
    '',
    'Settings come from `queuecast.yaml` in the working directory (or the file that `QUEUECAST_CONFIG` names) and from the',
    'environment, which wins. A file is not needed: every setting has a default. `npm run config:check [file]` says what is',
    'wrong with a file, by line and column, without starting anything. `deploy/queuecast.example.yaml` is a file to start from.',
    '',
    'A list in the environment is separated by commas. An empty variable counts as absent.',
    '',
    ...section('All settings', settingsOutline, ''),
  ].join('\n');
