import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';
import { ReportsBusyError, translate, type LaneName } from './errors.js';

/** What one lane may take. The engine enforces it per statement. */
export interface LaneLimits {
  /** Statements side by side. */
  readonly width: number;
  /** Calls that may wait for a place; more are refused. */
  readonly queue: number;
  readonly settings: ClickHouseSettings;
  /** The engine's limit per statement, in seconds. */
  readonly seconds: number;
}

const GIB = 2 ** 30;

/** Settings of every lane: nothing is acknowledged before it is written, and no number loses digits on its way. */
const EVERYWHERE: ClickHouseSettings = {
  async_insert: 0,
  output_format_json_quote_64bit_integers: 1,
  // Rows stay in their partition (what it is made of never changes), so that FINAL need not look for one in the others.
  do_not_merge_across_partitions_select_final: 1,
  // Key lists are written into the statement.
  max_query_size: String(64 * 2 ** 20),
  max_ast_elements: '2000000',
  max_expanded_ast_elements: '2000000',
};

const limits = (seconds: number, memory: number): ClickHouseSettings => ({
  ...EVERYWHERE,
  max_execution_time: seconds,
  max_memory_usage: String(memory),
});

/**
 * The lanes: what changes the schema, what writes, what the wallboard waits for, what restarts and late events read back, and what analysts ask.
 * One connection of the engine runs one statement at a time, so each lane has its own.
 */
export const LANES: Readonly<Record<LaneName, LaneLimits>> = {
  // Intervals whose definition has changed are computed anew, as long as it takes.
  migration: {
    width: 1,
    queue: Infinity,
    seconds: 3600,
    settings: { ...limits(3600, 2 * GIB), max_partitions_per_insert_block: '0' },
  },
  writer: {
    width: 1,
    queue: Infinity,
    seconds: 120,
    settings: {
      ...limits(120, 2 * GIB),
      // A flush is a few megabytes: below the engine's default it would be parsed by one thread only.
      min_chunk_bytes_for_parallel_parsing: String(2 ** 20),
      // An event's body is sent as the JSON that it is, and kept as text.
      input_format_json_read_objects_as_strings: 1,
      // A source may send events of any month; a flush that is refused for that would be refused for ever.
      max_partitions_per_insert_block: '0',
    },
  },
  live: { width: 1, queue: Infinity, seconds: 20, settings: limits(20, GIB) },
  facts: { width: 1, queue: Infinity, seconds: 120, settings: limits(120, 2 * GIB) },
  report: {
    width: 2,
    queue: 64,
    seconds: 60,
    settings: {
      ...limits(60, 2 * GIB),
      max_threads: 1,
      max_result_rows: '100000',
      max_result_bytes: String(64 * 2 ** 20),
      result_overflow_mode: 'throw',
      readonly: '1',
    },
  },
};

export type OpenClient = (lane: LaneName) => Promise<ClickHouseClient>;

/** A bounded pool of connections; a call has a connection to itself from its first statement to its last. */
export class Lane {
  readonly #idle: ClickHouseClient[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #open: Promise<ClickHouseClient>[] = [];
  #busy = 0;
  #closed = false;
  #idleAgain: (() => void) | null = null;

  constructor(
    readonly name: LaneName,
    private readonly transport: 'embedded' | 'server',
    private readonly connect: OpenClient,
    private readonly limits: LaneLimits = LANES[name],
  ) {}

  /**
   * Runs `work` with a connection of its own, after those that came before.
   *
   * @throws {@link ReportsBusyError} when too many wait; StoreAwayError and engine errors as {@link translate} says
   */
  async run<Result>(work: (client: ClickHouseClient) => Promise<Result>): Promise<Result> {
    if (this.#closed) throw new Error(`the store is closed (${this.name} lane)`);
    if (this.#busy >= this.limits.width) {
      if (this.#waiting.length >= this.limits.queue)
        throw new ReportsBusyError(`${this.#waiting.length} reports wait already: try again later`);
      // The place is handed over by whoever leaves, so that nobody who comes in between can take it.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#busy += 1;
    try {
      const client = this.#idle.pop() ?? (await this.#another());
      try {
        return await work(client);
      } finally {
        this.#idle.push(client);
      }
    } catch (error) {
      throw translate(error, this.name, this.transport);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else {
        this.#busy -= 1;
        if (this.#busy === 0) this.#idleAgain?.();
      }
    }
  }

  /** Refuses new calls, waits for those accepted, closes the connections. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#busy > 0) await new Promise<void>((resolve) => (this.#idleAgain = resolve));
    for (const client of await Promise.all(this.#open.splice(0))) await client.close();
    this.#idle.length = 0;
  }

  async #another(): Promise<ClickHouseClient> {
    const opening = this.connect(this.name);
    const client = await opening;
    this.#open.push(opening);
    return client;
  }
}
