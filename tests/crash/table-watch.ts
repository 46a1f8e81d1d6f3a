import { existsSync, realpathSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';

/** The tables that one flush writes, in its order. */
export const FLUSH_ORDER = [
  'contact_legs',
  'wait_forecasts',
  'events',
  'published_intervals',
  'interval_changes',
  'queue_intervals',
  'contacts',
  'agent_spells',
  'site_watermarks',
] as const;
export type FlushedTable = (typeof FLUSH_ORDER)[number];

/** `during`: the insert's rows are being written; `after`: the insert is done and the next one about to begin. */
export type InsertMoment = 'during' | 'after';

/** A part that an insert writes, not a merge: its first and last block are the same. */
const INSERTED = /^(tmp_insert_)?\w+_(\d+)_\2_\d+$/;

/**
 * Sees from outside how far a flush has come: an insert makes a directory in the table's, under a temporary name and
 * then, when it is complete, under its own.
 */
export class TableWatch {
  private readonly watchers = new Map<FlushedTable, FSWatcher>();
  private waiting: { table: FlushedTable; moment: InsertMoment; seen: () => void }[] = [];

  /** @param directory data directory of the engine, which need not have the tables yet */
  constructor(private readonly directory: string) {}

  /** Starts watching the tables that there are. @returns whether all of them are */
  look(): boolean {
    for (const table of FLUSH_ORDER) {
      const path = join(this.directory, 'data', 'default', table);
      if (this.watchers.has(table) || !existsSync(path)) continue;
      this.watchers.set(
        table,
        watch(realpathSync(path), (_, name) => this.notice(table, name ?? '')),
      );
    }
    return this.watchers.size === FLUSH_ORDER.length;
  }

  /**
   * Calls `strike` at the next such moment, in the turn in which it is seen: a millisecond later it is over.
   *
   * @returns false if it does not come within `milliseconds`
   */
  at(table: FlushedTable, moment: InsertMoment, milliseconds: number, strike: () => void): Promise<boolean> {
    return new Promise((resolve) => {
      const entry = {
        table,
        moment,
        seen: () => {
          clearTimeout(timer);
          strike();
          resolve(true);
        },
      };
      const timer = setTimeout(() => {
        this.waiting = this.waiting.filter((other) => other !== entry);
        resolve(false);
      }, milliseconds);
      this.waiting.push(entry);
    });
  }

  close(): void {
    for (const watcher of this.watchers.values()) watcher.close();
  }

  private notice(table: FlushedTable, name: string): void {
    const found = INSERTED.exec(name);
    if (!found) return;
    const moment = found[1] === undefined ? 'after' : 'during';
    const hit = this.waiting.filter((entry) => entry.table === table && entry.moment === moment);
    if (hit.length === 0) return;
    this.waiting = this.waiting.filter((entry) => !hit.includes(entry));
    for (const { seen } of hit) seen();
  }
}
