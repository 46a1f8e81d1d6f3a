import { queueSchema, type QueueSettings, type Settings, type TenantSettings } from './schema.js';

/** A queue's settings with nothing left open: name and time zone resolved. */
export type CatalogQueue = Omit<QueueSettings, 'name' | 'timeZone'> & {
  readonly tenant: string;
  /** Display name by language tag; never empty. */
  readonly name: Readonly<Record<string, string>>;
  readonly timeZone: string;
  /** Listed in the settings; otherwise it is known only by its events and has the defaults. */
  readonly configured: boolean;
};

const { id: _anyId, name: _noName, timeZone: _noZone, ...queueDefaults } = queueSchema.parse({ id: 'default' });

/** Looks tenants and queues up in the settings. */
export class Catalog {
  readonly tenants: readonly TenantSettings[];
  readonly #tenants: ReadonlyMap<string, TenantSettings>;
  readonly #queues: ReadonlyMap<string, ReadonlyMap<string, CatalogQueue>>;

  constructor(settings: Pick<Settings, 'tenants'>) {
    this.tenants = settings.tenants;
    this.#tenants = new Map(settings.tenants.map((tenant) => [tenant.id, tenant]));
    this.#queues = new Map(
      settings.tenants.map((tenant) => [
        tenant.id,
        new Map(
          tenant.queues.map((queue): [string, CatalogQueue] => [
            queue.id,
            {
              ...queue,
              tenant: tenant.id,
              name: queue.name ?? { en: queue.id },
              timeZone: queue.timeZone ?? tenant.timeZone,
              configured: true,
            },
          ]),
        ),
      ]),
    );
  }

  /** The tenant's settings; undefined if it is not configured. */
  tenant(tenant: string): TenantSettings | undefined {
    return this.#tenants.get(tenant);
  }

  /** The display name of a tenant; its id if it has none. */
  tenantName(tenant: string): string {
    return this.#tenants.get(tenant)?.name ?? tenant;
  }

  /** The configured queues of a tenant, in the order of the settings; none for an unknown tenant. */
  queues(tenant: string): CatalogQueue[] {
    return [...(this.#queues.get(tenant)?.values() ?? [])];
  }

  /**
   * The settings of a queue. One that is not configured gets the defaults of the schema and its tenant's zone; it is not
   * public.
   */
  queue(tenant: string, queue: string, site = 'main'): CatalogQueue {
    const configured = this.#queues.get(tenant)?.get(queue);
    if (configured) return configured;
    const timeZone = this.#tenants.get(tenant)?.timeZone ?? 'UTC';
    return { ...queueDefaults, id: queue, site, tenant, name: { en: queue }, timeZone, configured: false };
  }
}
