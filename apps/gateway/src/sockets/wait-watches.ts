import type { PublicQueue, WatchUnder } from '@queuecast/live';
import { isUnder } from '@queuecast/wait-estimates';
import { topicOf } from './topic.js';

interface Watch<Owner> {
  readonly owner: Owner;
  readonly underMinutes: number;
}

/** Whether a document tells a wait of at most so many minutes. */
export const tellsUnder = ({ wait }: PublicQueue, minutes: number): boolean =>
  wait.kind === 'band' && isUnder(wait, minutes);

/**
 * Who wants to be told once when the wait of a queue is under so many minutes. An owner has one watch per queue, the
 * latest; all of its watches end with it.
 */
export class WaitWatches<Owner> {
  private readonly topics = new Map<string, Map<Owner, Watch<Owner>>>();
  private readonly owners = new Map<Owner, Set<string>>();
  private total = 0;

  /** Watches of all owners. */
  get size(): number {
    return this.total;
  }

  countOf(owner: Owner): number {
    return this.owners.get(owner)?.size ?? 0;
  }

  has(owner: Owner, tenant: string, queue: string): boolean {
    return this.owners.get(owner)?.has(topicOf(tenant, queue)) ?? false;
  }

  add(owner: Owner, { tenant, queue, underMinutes }: WatchUnder): void {
    const topic = topicOf(tenant, queue);
    const watches = this.topics.get(topic) ?? new Map<Owner, Watch<Owner>>();
    if (!watches.has(owner)) this.total += 1;
    watches.set(owner, { owner, underMinutes });
    this.topics.set(topic, watches);
    const own = this.owners.get(owner) ?? new Set();
    this.owners.set(owner, own.add(topic));
  }

  remove(owner: Owner, topic: string): void {
    const watches = this.topics.get(topic);
    if (!watches?.delete(owner)) return;
    this.total -= 1;
    if (watches.size === 0) this.topics.delete(topic);
    const own = this.owners.get(owner);
    own?.delete(topic);
    if (own?.size === 0) this.owners.delete(owner);
  }

  removeAll(owner: Owner): void {
    for (const topic of this.owners.get(owner) ?? []) this.remove(owner, topic);
  }

  /** The watches that a document fulfils: they are over, and given out once. */
  take(document: PublicQueue): readonly Watch<Owner>[] {
    const topic = topicOf(document.tenant, document.queue);
    const fulfilled = [...(this.topics.get(topic)?.values() ?? [])].filter(({ underMinutes }) =>
      tellsUnder(document, underMinutes),
    );
    for (const { owner } of fulfilled) this.remove(owner, topic);
    return fulfilled;
  }
}
