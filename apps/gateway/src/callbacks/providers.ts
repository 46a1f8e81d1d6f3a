import { derivedKey, KeyedHash, Links, type NumberSeal } from '@queuecast/callbacks';
import type { EventLog } from '@queuecast/event-log';
import type { Catalog, Settings } from '@queuecast/settings';
import type { Store } from '@queuecast/store';
import type { Provider } from '@nestjs/common';
import type { FrameCache } from '../frames/frame-cache.js';
import type { Clock } from '../gateway.tokens.js';
import type { GatewayMetrics } from '../metrics.js';
import type { Outlooks } from '../outlook/outlooks.js';
import { Places } from '../places/places.js';
import { CallbackDesk } from './callback-desk.js';
import { CallbackLog } from './callback-log.js';
import { CodeSender } from './code-sender.js';
import { CallbackGuard } from './guard.js';
import { PromiseRecords } from './promise-record.js';
import { Promises } from './promises.js';

/** What of the gateway's options they need. */
export interface CallbackPorts {
  readonly store: Store;
  readonly events: EventLog;
  readonly secret: Uint8Array;
  readonly seal: NumberSeal;
  readonly settings: Settings;
}

/** Promises of a call back and places in line. Keys are derived from the secret, one for each purpose. */
export const callbackProviders = (
  { store, events, secret, seal, settings }: CallbackPorts,
  catalog: Catalog,
  frames: FrameCache,
  outlooks: Outlooks,
  metrics: GatewayMetrics,
  clock: Clock,
): Provider[] => {
  const log = new CallbackLog(events, store, clock);
  const links = Links.of(secret);
  const hash = new KeyedHash(derivedKey(secret, 'caller keys'));
  const guard = new CallbackGuard(
    catalog,
    settings.server.proxies,
    hash,
    derivedKey(secret, 'proof of work'),
    metrics,
    clock,
  );
  const codes = new CodeSender(catalog, derivedKey(secret, 'number codes'), clock);
  const promises = new Promises(log, catalog, frames, outlooks, seal, links, hash, clock);
  return [
    { provide: CallbackLog, useValue: log },
    { provide: Links, useValue: links },
    { provide: CallbackGuard, useValue: guard },
    { provide: Promises, useValue: promises },
    { provide: CallbackDesk, useValue: new CallbackDesk(promises, guard, codes, links, catalog, metrics, clock) },
    { provide: PromiseRecords, useValue: new PromiseRecords(store, catalog, clock) },
    { provide: Places, useValue: new Places(store, clock) },
  ];
};
