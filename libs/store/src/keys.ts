import type { QueueId, SiteId, TenantId } from '@queuecast/events';

export interface SiteKey {
  readonly tenant: TenantId;
  readonly site: SiteId;
}

export interface QueueKey extends SiteKey {
  readonly queue: QueueId;
}
