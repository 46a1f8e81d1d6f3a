import { mkdirSync, realpathSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { open, type Database, type RootDatabase } from 'lmdb';
import { LogAwayError, LogMisconfiguredError } from '../port.js';

/** What the meta database holds beside committed offsets. */
export interface TopicMeta {
  readonly id: string;
  readonly partitions: number;
  readonly createdAt: number;
}

type Meta = TopicMeta | number;

/** Bounds one group commit, so that a bulk import does not hold the event loop for long. */
const MAX_COMMIT_COST = 8_000_000;

/** Less free space than this, and a failed write has no other reason: pages of a commit are copied, not overwritten. */
const FULL_BYTES = 1_048_576;

interface WriteJob {
  /** Roughly the bytes that this job writes. */
  readonly cost: number;
  write(): void;
  /** Forgets, in memory, what `write` did; called before any later job writes. */
  undo(): void;
  done(): void;
  failed(error: Error): void;
}

/**
 * One LMDB environment: one directory, one process, any number of topics. Writes of the same moment share one
 * transaction, and it is flushed to disk before any of them resolves: group commit.
 */
export class LogEnvironment {
  readonly meta: Database<Meta, (string | number)[]>;
  #users = 1;
  #jobs: WriteJob[] = [];
  #committing: Promise<void> | null = null;

  private constructor(
    readonly directory: string,
    private readonly root: RootDatabase,
  ) {
    this.meta = root.openDB<Meta, (string | number)[]>('meta', { encoding: 'json' });
  }

  /**
   * Opens the environment of `directory`, made if absent; within one process every caller gets the same one.
   * Throws {@link LogMisconfiguredError} if another process holds it.
   */
  static open(directory: string): LogEnvironment {
    mkdirSync(directory, { recursive: true });
    const path = realpathSync(directory);
    const known = environments.get(path);
    if (known) {
      known.#users += 1;
      return known;
    }
    // A record may be read, and acted upon, as soon as it is committed. With overlappingSync that is before it is on
    // disk, and a power cut would give its offset to another record. With eventTurnBatching lmdb makes a promise of its
    // own for a batch of ours; when the disk is full that one is rejected, nobody hears it, and the process ends.
    const root = open({ path, noSubdir: false, maxDbs: 128, overlappingSync: false, eventTurnBatching: false });
    try {
      claim(root, path);
    } catch (error) {
      void root.close();
      throw error;
    }
    const environment = new LogEnvironment(path, root);
    environments.set(path, environment);
    return environment;
  }

  /** The records of one topic, by position. */
  records(topic: string): Database<Buffer, Buffer> {
    return this.root.openDB<Buffer, Buffer>(`records:${topic}`, { encoding: 'binary', keyEncoding: 'binary' });
  }

  /**
   * Runs `write` in the next group commit; it must not throw. Resolves when it is on disk; rejects with
   * {@link LogAwayError} when nothing of it is, after `undo`. `cost` is roughly the bytes written.
   */
  commit(cost: number, write: () => void, undo: () => void = () => undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({ cost, write, undo, done: resolve, failed: reject });
      this.#committing ??= this.#run();
    });
  }

  /** Lets go of the environment; the last user closes it. */
  async release(): Promise<void> {
    this.#users -= 1;
    if (this.#users > 0) return;
    environments.delete(this.directory);
    await this.#committing;
    await this.root.close();
  }

  async #run(): Promise<void> {
    // Let the appends of this turn of the event loop gather.
    await Promise.resolve();
    while (this.#jobs.length > 0) {
      const group = this.#takeGroup();
      try {
        await this.root.batch(() => {
          for (const job of group) job.write();
        });
      } catch (cause) {
        // Heard first: a rejection that nobody hears ends the process.
        const reason = await reasonOf(cause);
        const error = new LogAwayError(
          `the embedded log in ${this.directory} could not be written: ${(await this.#diskFull()) ?? reason}`,
          { cause },
        );
        for (const job of group) job.undo();
        for (const job of group) job.failed(error);
        continue;
      }
      for (const job of group) job.done();
    }
    this.#committing = null;
  }

  /** LMDB reports a write that was cut short as an input/output error, which sends one looking for a broken disk. */
  async #diskFull(): Promise<string | null> {
    try {
      const { bavail, bsize } = await statfs(this.directory);
      const free = bavail * bsize;
      return free >= FULL_BYTES ? null : `its disk is full (${free} bytes are free): free some space`;
    } catch {
      return null;
    }
  }

  #takeGroup(): WriteJob[] {
    let cost = 0;
    let count = 0;
    for (const job of this.#jobs) {
      cost += job.cost;
      if (count > 0 && cost > MAX_COMMIT_COST) break;
      count += 1;
    }
    return this.#jobs.splice(0, count);
  }
}

/** lmdb keeps the reason of a failed commit in a rejected promise of its own. */
const reasonOf = async (error: unknown): Promise<string> => {
  if (!(error instanceof Error)) return String(error);
  if (!('commitError' in error)) return error.message;
  const told = Promise.resolve(error.commitError).then(
    () => error.message,
    (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)),
  );
  // It does not always say: whoever appended must not wait for that.
  return Promise.race([told, new Promise<string>((resolve) => setImmediate(() => resolve(error.message)))]);
};

const environments = new Map<string, LogEnvironment>();

/**
 * Takes a slot in LMDB's table of readers, which the kernel frees when a process dies, however it dies: no stale lock
 * file to remove by hand. Asked before this process has a slot of its own, because in two containers that share a
 * volume both processes may have the same number.
 */
const claim = (root: RootDatabase, path: string): void => {
  const others = readers(root);
  root.get('');
  const racing = readers(root).filter((pid) => pid !== String(process.pid));
  const holders = [...new Set([...others, ...racing])];
  if (holders.length === 0) return;
  throw new LogMisconfiguredError(
    `the embedded log in ${path} is in use by process ${holders.join(', ')}: stop that one first, or give this one ` +
      'a data directory of its own (QUEUECAST_DATA_DIR)',
  );
};

const readers = (root: RootDatabase): string[] => {
  root.readerCheck();
  return [...root.readerList().matchAll(/^\s*(\d+)\s/gm)].map((line) => line[1] ?? '');
};
