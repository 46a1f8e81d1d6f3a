export { QueuecastClient, type ClientOptions } from './client.js';
export type { ConnectionState } from './connection.js';
export { Following } from './following.js';
export { UnknownQueueError } from './public-source.js';
export { SignedOutError } from './wallboard-source.js';
export type { PublicQueue, QueueFrame } from '@queuecast/live';
export type { WatchOptions } from './when-under.js';
