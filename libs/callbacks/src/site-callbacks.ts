import type { AcdEvent, Instant, QueueId, SiteId, TenantId } from '@queuecast/events';
import { deriveCallback, type CallbackRow } from './callback-row.js';
import { callbackMarksFrom, mergeCallbacks, noMarks, type CallbackMarks } from './marks.js';

/** An open promise is held for this long after it fell due: after that nobody will keep it. */
export const LAPSED_MS = 30 * 86_400_000;

interface Remembered {
  marks: CallbackMarks;
  row: CallbackRow | undefined;
  /** Not read back: the facts may hold more of it than we were told. */
  unverified: boolean;
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
 * The promises of one site: events in, dirty rows out. Holds what is open; of any other it folds what it is told and
 * merges that, before it is written, with what the facts hold.
 */
export class SiteCallbacks {
  private readonly known = new Map<string, Remembered>();
  private readonly dirty = new Set<string>();
  private readonly duplicates = new Map<string, Set<string>>();
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
    if (known) known.marks = mergeCallbacks(known.marks, news);
    else this.remember(news, true);
    this.dirty.add(news.id);
    return this.refresh(news.id);
  }

  /** Takes up open promises after a restart; call before the first event. */
  restore(rows: readonly CallbackRow[]): void {
    for (const { marks } of rows) this.remember(JSON.parse(marks) as CallbackMarks, false);
    for (const { id } of rows) this.refresh(id);
    this.dirty.clear();
  }

  /** Promises to be read back before a drain: dirty ones that came anew, and originals of duplicates. */
  unverified(): string[] {
    return [...this.known].flatMap(([id, { unverified }]) => (unverified ? [id] : []));
  }

  /** Merges facts read back; everything asked for is verified afterwards, found or not. */
  verify(asked: readonly string[], rows: readonly CallbackRow[]): void {
    for (const row of rows) {
      const facts = JSON.parse(row.marks) as CallbackMarks;
      const known = this.known.get(row.id);
      if (known) known.marks = mergeCallbacks(known.marks, facts);
    }
    for (const id of asked) {
      const known = this.known.get(id);
      if (!known) continue;
      known.unverified = false;
      this.refresh(id);
    }
  }

  /** Rows changed since the last drain; what is not verified yet stays for the next. They must be written. */
  drain(): CallbackRow[] {
    const rows: CallbackRow[] = [];
    for (const id of this.dirty) {
      const known = this.known.get(id);
      if (known?.unverified) continue;
      this.dirty.delete(id);
      if (known?.row) rows.push(known.row);
    }
    return rows;
  }

  /**
   * Forgets promises that are over and need not be told of any more, and those long overdue; the facts keep them. Call
   * after a drain was written.
   */
  evict(now: Instant): void {
    for (const [id, { row, marks }] of this.known) {
      const isOver = !row || (row.state !== 'open' && !row.pending);
      const isLapsed = row !== undefined && row.dueAt < now - LAPSED_MS;
      if (!(isOver || isLapsed) || this.dirty.has(id) || this.isAwaited(id)) continue;
      this.known.delete(id);
      this.pendingIds.delete(id);
      this.close(id, row?.queue ?? '');
      const original = marks.promised?.duplicateOf;
      if (!original) continue;
      const others = this.duplicates.get(original);
      others?.delete(id);
      if (others?.size === 0) this.duplicates.delete(original);
    }
  }

  get(id: string): { readonly row: CallbackRow; readonly marks: CallbackMarks } | undefined {
    const known = this.known.get(id);
    return known?.row && { row: known.row, marks: known.marks };
  }

  /** Promises of which the dialer has to be told, or told again. */
  *pending(): Iterable<{ readonly row: CallbackRow; readonly marks: CallbackMarks }> {
    for (const id of this.pendingIds) {
      const known = this.get(id);
      if (known) yield known;
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

  private isAwaited(id: string): boolean {
    for (const duplicate of this.duplicates.get(id) ?? [])
      if (this.known.get(duplicate)?.row?.state === 'open') return true;
    return false;
  }

  private remember(marks: CallbackMarks, unverified: boolean): void {
    this.known.set(marks.id, { marks, row: undefined, unverified });
  }

  /** Derives the row of a promise anew, and what follows from it for its duplicates. */
  private refresh(id: string): CallbackRow | undefined {
    const known = this.known.get(id);
    if (!known) return undefined;
    known.row = deriveCallback(known.marks);
    const original = known.row?.duplicateOf;
    if (original) this.follow(id, original, known.marks);
    this.file(known);
    for (const duplicate of this.duplicates.get(id) ?? []) {
      const other = this.known.get(duplicate);
      if (other) this.file(other);
    }
    return known.row;
  }

  /** Whether a promise stands for itself: it duplicates none, or one that was called off. */
  private isCounted({ duplicateOf }: CallbackRow): boolean {
    if (duplicateOf === '') return true;
    const original = this.known.get(duplicateOf)?.row?.state;
    return original === 'cancelled' || original === 'withdrawn';
  }

  private file({ marks: { id, promised }, row }: Remembered): void {
    if (!row) return;
    const counts = promised !== undefined && this.isCounted(row);
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

  private follow(id: string, original: string, marks: CallbackMarks): void {
    const others = this.duplicates.get(original) ?? new Set<string>();
    this.duplicates.set(original, others.add(id));
    if (this.known.has(original)) return;
    const { tenant, site } = marks;
    this.remember(noMarks(tenant, site, original), true);
  }
}
