import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readMapping } from '../../apps/simulator/src/import/mapping.js';
import { machineLines } from './machine.js';
import { replay } from './estimates-replay.js';
import { reportLines } from './estimates-report.js';
import { refreshLines } from './estimates-refresh.js';

const MONTH_FILE = /^(.+)\.csv(\.gz)?$/;

/** The recording's files by the name without extension, in the order of names. */
const filesOf = (directory: string): Map<string, string> =>
  new Map(
    readdirSync(directory)
      .sort()
      .flatMap((file) => {
        const name = MONTH_FILE.exec(file)?.[1];
        return name === undefined ? [] : [[name, join(directory, file)]];
      }),
  );

const fail = (message: string): never => {
  console.error(message);
  process.exit(2);
};

const listOf = (text: string): string[] => text.split(',').filter((name) => name !== '');

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: join('..', 'shared', 'data', 'vanad-2014') },
    map: { type: 'string', default: join('apps', 'simulator', 'maps', 'vanad-2014.yaml') },
    'warm-up': { type: 'string', default: '2014-01,2014-02' },
    score: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
const { data } = values;
if (!existsSync(data)) fail(`There is no recording at ${data}: name its folder with --data. Nothing was measured.`);
const files = filesOf(data);
const warmUp = listOf(values['warm-up']);
const score =
  values.score === undefined ? [...files.keys()].filter((name) => !warmUp.includes(name)) : listOf(values.score);
for (const name of [...warmUp, ...score])
  if (!files.has(name))
    fail(`${data} has no file ${name}.csv or ${name}.csv.gz; it has ${[...files.keys()].join(', ')}.`);
if (score.length === 0) fail('Nothing is left to score: name files with --score.');

console.log('Waits of recorded contacts, estimated when each joins by the code that serves wallboards and the public,');
console.log(
  `fed event by event from contact events only. Warm-up ${warmUp.join(', ') || 'none'}; scored ${score.join(', ')}.\n`,
);
console.log(machineLines().join('\n'));
const result = await replay({
  mapping: readMapping(values.map),
  periods: [...warmUp, ...score].map((name) => ({ name, file: files.get(name)!, scored: score.includes(name) })),
  seed: Number(values.seed),
  progress: (line) => process.stderr.write(`${line}\n`),
});
console.log(reportLines(result).join('\n'));
console.log(refreshLines(result).join('\n'));
