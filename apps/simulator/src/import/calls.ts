import { MAX_ID_LENGTH, type Channel } from '@queuecast/events';
import type { ZoneClock } from '../local-time.js';
import type { Mapping } from './mapping.js';
import { timeReader, type TimeReader } from './time-format.js';

/** A row as a call: instants in milliseconds since the epoch, null where the file says nothing. */
export interface Call {
  readonly line: number;
  /** The row as it stands in the file: what its ids are made from. */
  readonly identity: string;
  readonly queue: string;
  readonly channel: Channel;
  readonly received: number;
  readonly agent: string | null;
  readonly answered: number | null;
  readonly consult: number | null;
  readonly transfer: number | null;
  readonly hangup: number | null;
}

/** What is odd about a row that is imported all the same; the README of the simulator says how each is treated. */
export type Oddity = 'agent_without_answer' | 'no_hangup' | 'repeated_hour';

export type ReadRow =
  | { readonly kind: 'call'; readonly call: Call; readonly oddities: readonly Oddity[] }
  | { readonly kind: 'bad'; readonly line: number; readonly reason: string };

type ColumnName = keyof Mapping['columns'];
const TIMES = ['received', 'answered', 'consult', 'transfer', 'hangup'] as const;
type TimeName = (typeof TIMES)[number];

class BadRow extends Error {}

/** Turns the rows of one file, told its header, into calls. */
export class CallReader {
  readonly #readTime: TimeReader;
  readonly #index = new Map<ColumnName, number>();
  readonly #channelIndex: number;
  readonly #width: number;

  /** @throws RangeError when a column that the mapping names is not in the header. */
  constructor(
    private readonly mapping: Mapping,
    zone: ZoneClock,
    header: readonly string[],
  ) {
    this.#readTime = timeReader(mapping.timeFormat, zone);
    this.#width = header.length;
    const find = (name: string, field: string): number => {
      const index = header.indexOf(name);
      if (index < 0)
        throw new RangeError(
          `${field} of the mapping names the column "${name}", but the file has ${header.map((each) => `"${each}"`).join(', ')}`,
        );
      return index;
    };
    for (const [name, title] of Object.entries(mapping.columns) as [ColumnName, string | undefined][])
      if (title !== undefined) this.#index.set(name, find(title, `columns.${name}`));
    const { channel } = mapping;
    this.#channelIndex = typeof channel === 'string' ? -1 : find(channel.column, 'channel.column');
  }

  read(cells: readonly string[], line: number): ReadRow {
    try {
      return this.#call(cells, line);
    } catch (error) {
      if (error instanceof BadRow) return { kind: 'bad', line, reason: error.message };
      throw error;
    }
  }

  #call(cells: readonly string[], line: number): ReadRow {
    if (cells.length !== this.#width)
      throw new BadRow(`the row has ${cells.length} cells where the header has ${this.#width}`);
    const oddities = new Set<Oddity>();
    const queue = this.#queue(cells);
    const agentCell = this.#cell(cells, 'agent');
    const agent = agentCell === null ? null : this.#id('agent', this.mapping.agentPrefix + agentCell);
    const times = this.#times(cells, oddities);
    const { received, answered, transfer, hangup } = times;
    if (received === null) throw new BadRow('received is missing: the call cannot be placed in time');
    if (answered === null && transfer !== null) throw new BadRow('transfer without answered: nobody could transfer it');
    if (answered === null && hangup === null)
      throw new BadRow('neither answered nor hangup: nothing says how the wait ended');
    if (answered !== null && agent === null) throw new BadRow('answered without an agent');
    ordered('received', received, 'answered', answered);
    ordered('received', received, 'hangup', hangup);
    ordered('answered', answered, 'transfer', transfer);
    ordered('answered', answered, 'hangup', hangup);
    ordered('transfer', transfer, 'hangup', hangup);
    if (agent !== null && answered === null) oddities.add('agent_without_answer');
    if (hangup === null) oddities.add('no_hangup');
    const call: Call = {
      line,
      identity: cells.join('\u001f'),
      queue,
      channel: this.#channel(cells),
      ...times,
      received,
      agent: answered === null ? null : agent,
    };
    return { kind: 'call', call, oddities: [...oddities] };
  }

  #cell(cells: readonly string[], name: ColumnName): string | null {
    const index = this.#index.get(name);
    const text = index === undefined ? '' : (cells[index] ?? '').trim();
    return text === '' || text === this.mapping.nullMarker ? null : text;
  }

  #queue(cells: readonly string[]): string {
    const code = this.#cell(cells, 'queue');
    if (code === null) throw new BadRow('queue is missing');
    return this.#id('queue', Object.hasOwn(this.mapping.queues, code) ? (this.mapping.queues[code] ?? code) : code);
  }

  #id(field: string, text: string): string {
    if (text.length > MAX_ID_LENGTH) throw new BadRow(`${field} has more than ${MAX_ID_LENGTH} characters`);
    // eslint-disable-next-line no-control-regex -- control characters are what this refuses
    if (/[\u0000-\u001f\u007f]/.test(text)) throw new BadRow(`${field} has control characters`);
    return text;
  }

  #channel(cells: readonly string[]): Channel {
    const { channel } = this.mapping;
    if (typeof channel === 'string') return channel;
    const text = (cells[this.#channelIndex] ?? '').trim();
    const found = Object.hasOwn(channel.values, text) ? channel.values[text] : channel.otherwise;
    if (found === undefined)
      throw new BadRow(`${channel.column} is "${text}", which the mapping's channel.values does not list`);
    return found;
  }

  #times(cells: readonly string[], oddities: Set<Oddity>): Record<TimeName, number | null> {
    const times: Record<TimeName, number | null> = {
      received: null,
      answered: null,
      consult: null,
      transfer: null,
      hangup: null,
    };
    let latest = -Infinity;
    for (const name of TIMES) {
      const text = this.#cell(cells, name);
      if (text === null) continue;
      const read = this.#readTime(text);
      if (read.kind === 'unreadable') throw new BadRow(`${name}: ${read.reason}`);
      const [first, second] = read.instants;
      if (second !== undefined) oddities.add('repeated_hour');
      // In the repeated hour the first pass is meant, unless the call would then run backwards.
      const at = first !== undefined && first < latest && second !== undefined ? second : (first ?? null);
      times[name] = at;
      latest = Math.max(latest, at ?? latest);
    }
    return times;
  }
}

const ordered = (earlier: string, one: number | null, later: string, other: number | null): void => {
  if (one !== null && other !== null && other < one)
    throw new BadRow(`${later} is ${(one - other) / 1000} s before ${earlier}`);
};
