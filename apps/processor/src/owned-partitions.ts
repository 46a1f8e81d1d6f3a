import { partitionKey } from '@queuecast/events';
import { PartitionLostError, type LogPosition, type LogReader } from '@queuecast/event-log';
import type { SiteKey } from '@queuecast/store';
import type { SiteRuntime } from './site-runtime.js';

export interface OwnedPartition {
  readonly partition: number;
  readonly generation: number;
  /** By partition key. */
  readonly sites: Map<string, SiteRuntime>;
  /** Offset below which everything is committed. */
  committed: number;
}

/** The partitions that this processor owns now, and how far each of them is committed. */
export class OwnedPartitions {
  private readonly owned = new Map<number, OwnedPartition>();
  private committedWaiters: (() => void)[] = [];

  add(partition: number, generation: number, sites: Map<string, SiteRuntime>): void {
    this.owned.set(partition, { partition, generation, sites, committed: 0 });
  }

  get(partition: number): OwnedPartition | undefined {
    return this.owned.get(partition);
  }

  delete(partition: number): void {
    this.owned.delete(partition);
  }

  get numbers(): number[] {
    return [...this.owned.keys()];
  }

  all(): Iterable<OwnedPartition> {
    return this.owned.values();
  }

  *sites(): Generator<SiteRuntime> {
    for (const { sites } of this.owned.values()) yield* sites.values();
  }

  hasSite(site: SiteKey): boolean {
    const key = partitionKey(site);
    return [...this.owned.values()].some(({ sites }) => sites.has(key));
  }

  /** @param offsets below which everything is written, by partition */
  async commit(reader: LogReader | null, offsets: ReadonlyMap<number, number>): Promise<void> {
    for (const [partition, offset] of offsets) {
      const owned = this.owned.get(partition);
      // A partition that was given away meanwhile is committed by whoever has it now.
      if (!owned || !reader) continue;
      try {
        await reader.commit(partition, offset);
      } catch (error) {
        if (!(error instanceof PartitionLostError)) throw error;
        continue;
      }
      owned.committed = Math.max(owned.committed, offset);
    }
    for (const wake of this.committedWaiters.splice(0)) wake();
  }

  /** Resolves when everything at these positions is in the facts and committed. */
  async committedThrough(positions: readonly LogPosition[]): Promise<void> {
    const done = ({ partition, offset }: LogPosition): boolean => (this.owned.get(partition)?.committed ?? 0) > offset;
    while (!positions.every(done)) await new Promise<void>((resolve) => this.committedWaiters.push(resolve));
  }
}
