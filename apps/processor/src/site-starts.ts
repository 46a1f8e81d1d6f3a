import { DEFAULT_FOLD, MOST_OVERTAKERS } from '@queuecast/contact-center';
import { instant, partitionKey, queueId, siteId, tenantId, type Instant, type QueueId } from '@queuecast/events';
import type { EventLog } from '@queuecast/event-log';
import type { Catalog, Settings } from '@queuecast/settings';
import { StoreAwayError, type PastLeg, type SiteKey, type Store } from '@queuecast/store';
import { Logger } from '@nestjs/common';
import type { Announcements } from './announcements.js';
import type { ProcessorMetrics } from './metrics.js';
import { SiteRuntime } from './site-runtime.js';
import { OBSERVED_MS } from './site-staffing.js';

const RECENT_PAGE = 2_000;
const STORE_RETRY_MS = 500;

export interface SiteStartsOptions {
  readonly settings: Settings;
  readonly catalog: Catalog;
  readonly events: EventLog;
  readonly store: Store;
  readonly announcements: Announcements;
  readonly metrics: ProcessorMetrics;
  readonly now: () => number;
}

/** How a partition's sites begin: from the facts when the partition is taken over, or new with their first event. */
export class SiteStarts {
  private readonly logger = new Logger(SiteStarts.name);
  private readonly partitionOfKey = new Map<string, number>();

  constructor(private readonly options: SiteStartsOptions) {}

  /** Waits for the store as long as it takes: before a partition can be processed its facts are needed. */
  async recover(partition: number): Promise<{ readonly generation: number; readonly sites: Map<string, SiteRuntime> }> {
    const { events, store } = this.options;
    const identity = await events.identity();
    const generation = await this.patiently('ask for the generation', () => store.generationOf(events.name, identity));
    const sites = new Map<string, SiteRuntime>();
    for (const key of await this.patiently('list the sites', () => this.knownSites())) {
      if ((await this.partitionOf(partitionKey(key))) !== partition) continue;
      const runtime = this.fresh(key, partition);
      await this.patiently('recover a site', async () => {
        const recovery = await store.recoverSite(key, DEFAULT_FOLD.graceMs);
        const evidence = await store.suspicionEvidence(key, MOST_OVERTAKERS);
        const learnt = await store.estimatorOf(key);
        if (!runtime.restore(recovery, evidence, learnt, await this.recentLegs(key, recovery.latest)))
          this.logger.warn(
            `what the estimates of ${partitionKey(key)} had learnt is damaged or of another version: they learn anew`,
          );
      });
      sites.set(partitionKey(key), runtime);
    }
    return { generation, sites };
  }

  /** A site without facts. */
  fresh(key: SiteKey, partition: number): SiteRuntime {
    const { settings, catalog, announcements, metrics, now } = this.options;
    const { sourceQuietSeconds, sourceSilentSeconds } = settings.processor;
    const patience = { quietMs: sourceQuietSeconds * 1000, silentMs: sourceSilentSeconds * 1000 };
    return new SiteRuntime(key, partition, patience, {
      settingsOf: (queue) => catalog.queue(key.tenant, queue, key.site),
      announce: (event) => announcements.add(event),
      metrics,
      now,
    });
  }

  configuredQueues(key: SiteKey): QueueId[] {
    const tenant = this.options.settings.tenants.find((candidate) => candidate.id === key.tenant);
    return (tenant?.queues ?? []).filter((queue) => queue.site === key.site).map((queue) => queueId(queue.id));
  }

  async partitionOf(key: string): Promise<number> {
    let partition = this.partitionOfKey.get(key);
    if (partition === undefined) {
      partition = await this.options.events.partitionOf(key);
      this.partitionOfKey.set(key, partition);
    }
    return partition;
  }

  /** Sites with facts, and sites that are configured and have none yet. */
  private async knownSites(): Promise<SiteKey[]> {
    const configured = this.options.settings.tenants.flatMap((tenant) =>
      tenant.queues.map((queue) => ({ tenant: tenantId(tenant.id), site: siteId(queue.site) })),
    );
    const all = [...(await this.options.store.sites()), ...configured];
    return [...new Map(all.map((key) => [partitionKey(key), key])).values()];
  }

  /** What staffing goes by: the legs of the last two hours. */
  private async recentLegs(key: SiteKey, latest: Instant | null): Promise<PastLeg[]> {
    if (latest === null) return [];
    const { store } = this.options;
    const legs: PastLeg[] = [];
    for (let after: PastLeg | undefined; ; after = legs.at(-1)) {
      const page = await store.pastLegs(key, {
        from: instant(latest - OBSERVED_MS),
        limit: RECENT_PAGE,
        ...(after && { after }),
      });
      legs.push(...page);
      if (page.length < RECENT_PAGE) return legs;
    }
  }

  private async patiently<T>(what: string, step: () => Promise<T>): Promise<T> {
    for (let told = false; ; told = true) {
      try {
        return await step();
      } catch (error) {
        if (!(error instanceof StoreAwayError)) throw error;
        if (!told) this.logger.warn(`waiting for the store to ${what}: ${error.message}`);
        await new Promise((resolve) => setTimeout(resolve, STORE_RETRY_MS));
      }
    }
  }
}
