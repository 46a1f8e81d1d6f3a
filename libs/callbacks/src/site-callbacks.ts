import type { AcdEvent, Instant, QueueId, SiteId, TenantId } from '@queuecast/events';
import type { CallbackRow } from './callback-row.js';
import { callerGroupOf, deriveCallbacks } from './caller-group.js';
import { callbackMarksFrom, mergeCallbacks, type CallbackMarks } from './marks.js';

/** An open promise is held for this long after it fell due: after that nobody will keep it. */
export const LAPSED_MS = 30 * 86_400_000;

interface Remembered {
  marks: CallbackMarks;
  row: CallbackRow | undefined;
  /** Not read back: the facts may hold more of it, or others of its number, than we were told. */
  unverified: boolean;
  /** A row of it is in the facts. */
  written: boolean;
}

/** Facts to be read back: promises by id, and all of some numbers, each with every other promise of its number. */
export interface CallbacksAsked {
  readonly ids: readonly string[];
  readonly callerKeys: readonly string[];
}

/** Open promises of one queue at an instant. */
export interface CallbackCounts {
  readonly open: number;
  /** Of these: due within the time asked for, and not overdue. */
  readonly dueSoon: number;
  readonly overdue: number;
  /** When the next one that is not overdue is due. */
  readonly nextDueAt: Instant | null;
}

/**
 * The promises of one site: events in, dirty rows out. Holds what is open, with all others of its number and queue; of any
 * other it folds what it is told and merges that, before it is written, with what the facts hold.
 */
export class SiteCallbacks {
  private readonly known = new Map<string, Remembered>();
  private readonly dirty = new Set<string>();
  /** Ids that are written next. */
  private readonly drained = new Set<string>();
  /** Promises by what they have in common. */
  private readonly groups = new Map<string, Set<string>>();
  /** Open promises that are counted, by queue. */
  private readonly openByQueue = new Map<string, Map<string, CallbackRow>>();
  private readonly pendingIds = new Set<string>();

  constructor(
    readonly tenant: TenantId,
    readonly site: SiteId,
  ) {}

  /** Promises held in memory. */
  get size(): number {
    return this.known.size;
  }

  /**
   * Folds one event.
   *
   * @param version its position in the log
   * @returns the promise as it stands now; undefined for an event about anything else
   */
  apply(event: AcdEvent, version: number): CallbackRow | undefined {
    const news = callbackMarksFrom(event, version);
    if (!news) return undefined;
    const known = this.known.get(news.id);
    if (!known) this.remember(news, undefined);
    else {
      const marks = mergeCallbacks(known.marks, news);
      // Only now it is known whose promise it is: the others of the number have not been asked for.
      if (callerGroupOf(marks) !== callerGroupOf(known.marks))
        Object.assign(known, { unverified: true, written: false });
      known.marks = marks;
    }
    this.dirty.add(news.id);
    this.refresh(news.id);
    return this.known.get(news.id)?.row;
  }

  /** Takes up open promises after a restart, each with all of its number and queue; call before the first event. */
  restore(rows: readonly CallbackRow[]): void {
    for (const row of rows) this.remember(JSON.parse(row.marks) as CallbackMarks, row);
    for (const { id } of rows) this.refresh(id);
    this.dirty.clear();
  }

  /** Promises to be read back before a drain. */
  unverified(): CallbacksAsked {
    const ids: string[] = [];
    const callerKeys = new Set<string>();
    for (const [id, { unverified, marks }] of this.known) {
      if (!unverified) continue;
      ids.push(id);
      if (callerGroupOf(marks) !== null) callerKeys.add(marks.promised!.callerKey);
    }
    return { ids, callerKeys: [...callerKeys] };
  }

  /** Merges facts read back; everything asked for is verified afterwards, found or not. */
  verify({ ids }: CallbacksAsked, rows: readonly CallbackRow[]): void {
    const touched = new Set(ids);
    for (const row of rows) {
      if (row.site !== this.site) continue;
      const facts = JSON.parse(row.marks) as CallbackMarks;
      const known = this.known.get(row.id);
      if (known) known.marks = mergeCallbacks(known.marks, facts);
      else this.remember(facts, row);
      touched.add(row.id);
    }
    for (const id of ids) {
      const known = this.known.get(id);
      if (known) known.unverified = false;
    }
    for (const id of touched) this.refresh(id);
  }

  /** Rows changed since the last drain; what is not verified yet stays for the next. They must be written. */
  drain(): CallbackRow[] {
    const rows: CallbackRow[] = [];
    for (const id of this.dirty) {
      const known = this.known.get(id);
      if (known?.unverified) continue;
      this.dirty.delete(id);
      this.drained.add(id);
      if (known?.row) rows.push(known.row);
    }
    return rows;
  }

  /** What was drained last is in the facts. */
  written(): void {
    for (const id of this.drained) {
      const known = this.known.get(id);
      if (known) known.written = true;
    }
    this.drained.clear();
  }

  /**
   * Forgets promises that are over and need not be told of any more, and those long overdue, once all of their number and
   * queue are; the facts keep them. Call after a drain was written.
   */
  evict(now: Instant): void {
    const isDone = (id: string): boolean => {
      if (this.dirty.has(id) || this.drained.has(id)) return false;
      const row = this.known.get(id)?.row;
      return !row || (row.state !== 'open' && !row.pending) || row.dueAt < now - LAPSED_MS;
    };
    for (const [id, { row, marks }] of this.known) {
      const group = callerGroupOf(marks);
      const others = group === null ? [id] : [...(this.groups.get(group) ?? [])];
      if (!others.every(isDone)) continue;
      this.known.delete(id);
      this.pendingIds.delete(id);
      this.close(id, row?.queue ?? '');
      const left = group === null ? undefined : this.groups.get(group);
      left?.delete(id);
      if (left?.size === 0) this.groups.delete(group!);
    }
  }

  get(id: string): { readonly row: CallbackRow; readonly marks: CallbackMarks } | undefined {
    const known = this.known.get(id);
    return known?.row && { row: known.row, marks: known.marks };
  }

  /**
   * Promises of which the dialer has to be told, or told again. Of none before it is in the facts: by then it is known
   * whether its number had one already, and whatever the dialer says of it finds it.
   */
  *pending(): Iterable<{ readonly row: CallbackRow; readonly marks: CallbackMarks }> {
    for (const id of this.pendingIds) {
      const { row, marks, written } = this.known.get(id)!;
      if (row && written) yield { row, marks };
    }
  }

  /** Queues with open promises. */
  queues(): QueueId[] {
    return [...this.openByQueue.keys()].filter((queue) => queue !== '') as QueueId[];
  }

  /** @param soonMs how long before it is due a promise is due soon, in milliseconds */
  counts(queue: QueueId, now: Instant, soonMs: number): CallbackCounts {
    let [open, dueSoon, overdue] = [0, 0, 0];
    let nextDueAt: Instant | null = null;
    for (const row of this.openByQueue.get(queue)?.values() ?? []) {
      open += 1;
      if (row.dueAt < now) overdue += 1;
      else {
        if (row.dueAt - now <= soonMs) dueSoon += 1;
        if (nextDueAt === null || row.dueAt < nextDueAt) nextDueAt = row.dueAt;
      }
    }
    return { open, dueSoon, overdue, nextDueAt };
  }

  /** @param row as the facts hold it; undefined if they were not asked */
  private remember(marks: CallbackMarks, row: CallbackRow | undefined): void {
    this.known.set(marks.id, { marks, row, unverified: !row, written: row !== undefined });
  }

  /** Derives the rows of a promise and of all of its number and queue anew; what changes of these is to be written. */
  private refresh(id: string): void {
    const known = this.known.get(id);
    if (!known) return;
    const group = callerGroupOf(known.marks);
    const ids = group === null ? [id] : (this.groups.get(group) ?? new Set<string>()).add(id);
    if (group !== null) this.groups.set(group, ids as Set<string>);
    const members = [...ids].flatMap((each) => this.known.get(each) ?? []);
    for (const row of deriveCallbacks(members.map(({ marks }) => marks))) {
      const member = this.known.get(row.id)!;
      if (member.row && JSON.stringify(member.row) !== JSON.stringify(row)) this.dirty.add(row.id);
      member.row = row;
      this.file(member, row);
    }
  }

  private file({ marks: { id, promised } }: Remembered, row: CallbackRow): void {
    const counts = promised !== undefined && row.duplicateOf === '';
    if (row.pending && counts) this.pendingIds.add(id);
    else this.pendingIds.delete(id);
    const open = this.openByQueue.get(row.queue) ?? new Map<string, CallbackRow>();
    if (row.state === 'open' && counts) this.openByQueue.set(row.queue, open.set(id, row));
    else this.close(id, row.queue);
  }

  private close(id: string, queue: string): void {
    const open = this.openByQueue.get(queue);
    if (open?.delete(id) && open.size === 0) this.openByQueue.delete(queue);
  }
}
