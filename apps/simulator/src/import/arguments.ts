import { parseArgs } from 'node:util';
import { UsageError } from '../command-line.js';
import type { Selection } from './recorded-days.js';

export const USAGE = `npm run import -- --file calls.csv.gz --map apps/simulator/maps/vanad-2014.yaml [options]

Which calls:
  --date DAY | DAY..DAY    local dates of arrival, yyyy-MM-dd
  --queues A,B             queue ids

Where they go (one of):
  --to URL --key KEY       a running server (--key-file FILE, or - for standard input)
  --data-dir DIR           the data directory of a server that does not run
                           neither: the server of queuecast.yaml if it runs, else its data directory

  --tenant ID --site ID    (imported, main)
  --speed max | N          N times as fast as it happened (max)
  --infer-agents           guess agent states from the calls: busy, available, offline half an hour after the last
  --report FILE            counts and every bad row, as JSON
  --check                  read and report only

An interrupted import goes on where it stopped when the same command is given again; importing twice changes nothing.
`;

/** The flags as given. Throws {@link UsageError}. */
export const readFlags = (argv: readonly string[]) => {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        file: { type: 'string' },
        map: { type: 'string' },
        date: { type: 'string' },
        queues: { type: 'string' },
        to: { type: 'string' },
        key: { type: 'string' },
        'key-file': { type: 'string' },
        'data-dir': { type: 'string' },
        tenant: { type: 'string', default: 'imported' },
        site: { type: 'string', default: 'main' },
        speed: { type: 'string', default: 'max' },
        batch: { type: 'string', default: '2000' },
        'infer-agents': { type: 'boolean', default: false },
        report: { type: 'string' },
        check: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`);
  }
};
export type ImportFlags = ReturnType<typeof readFlags>;

/** A flag that must be given. Throws {@link UsageError}. */
export const required = (name: string, value: string | undefined): string => {
  if (value === undefined || value === '') throw new UsageError(`--${name} is missing\n\n${USAGE}`);
  return value;
};

const isDate = (text: string | undefined): text is string =>
  text !== undefined &&
  /^\d{4}-\d{2}-\d{2}$/.test(text) &&
  (new Date(`${text}T00:00:00Z`).toJSON() ?? '').startsWith(text);

/** `--date` and `--queues`. Throws {@link UsageError}. */
export const selectionOf = ({ date, queues }: Pick<ImportFlags, 'date' | 'queues'>): Selection => {
  const [from, to, ...more] = date === undefined ? [] : date.split('..');
  const last = to ?? from;
  if (date !== undefined && (!isDate(from) || !isDate(last) || more.length > 0 || last < from))
    throw new UsageError(
      `--date is "${date}"; it must be a day like 2014-03-03, or two with .. between, earlier first`,
    );
  const named = queues?.split(',').map((queue) => queue.trim());
  if (named?.some((queue) => queue === ''))
    throw new UsageError(`--queues is "${queues}"; it must be queue ids with commas between`);
  return { from: from ?? null, to: last ?? null, queues: named ? new Set(named) : null };
};
