import { randomBytes } from 'node:crypto';
import { Links, placeLink, type PlaceLink } from '@queuecast/callbacks';
import type { TenantId } from '@queuecast/events';
import { Catalog, type Settings } from '@queuecast/settings';
import type { Join } from './intake.js';

/** How long a link is good for: longer than anybody waits. */
const GOOD_FOR_MS = 4 * 3_600_000;

/** The place of a contact that joined a queue, with what its ACD knows it by. */
export type JoinedPlace = Pick<Join, 'index' | 'queue' | 'contact' | 'leg'> & PlaceLink;

/** Whether any tenant wants links: then the collector needs the signing secret. */
export const wantsPlaceLinks = ({ tenants }: Pick<Settings, 'tenants'>): boolean =>
  tenants.some(({ callbacks }) => callbacks.placeLinks);

/** Links to places in line for tenants that want them, as the gateway's `POST /v1/places` makes them. */
export class PlaceLinks {
  private readonly catalog: Catalog;
  private readonly links: Links | null;

  /** @param secret the signing secret of the installation; null where no tenant wants links */
  constructor(settings: Settings, secret: Uint8Array | null) {
    this.catalog = new Catalog(settings);
    this.links = secret && Links.of(secret);
  }

  /** Places of contacts that joined configured queues; undefined for a tenant that wants none. */
  of(tenant: TenantId, joins: readonly Join[], now: number): readonly JoinedPlace[] | undefined {
    const { links } = this;
    if (!links || !this.catalog.tenant(tenant)?.callbacks.placeLinks) return undefined;
    return joins
      .filter(({ queue }) => this.catalog.queue(tenant, queue).configured)
      .map(({ index, site, queue, contact, leg }) => ({
        index,
        queue,
        contact,
        leg,
        ...placeLink(links, { tenant, site, queue, contact, leg }, now + GOOD_FOR_MS, randomBytes(12)),
      }));
  }
}
