import type { Front } from '@queuecast/http';
import type { PublicQueues } from './public-queues.js';
import { sendRendered, type Rendered } from './rendered.js';

const BASE = '/public/v1/';

/**
 * Answers for the public documents in front of every route, as {@link PublicController} does. Whatever is unusual is left to
 * the routes: what does not exist, other methods, escaped characters.
 */
export const publicFront =
  (queues: PublicQueues): Front =>
  (request, response) => {
    const { method, url = '' } = request;
    if (!url.startsWith(BASE) || (method !== 'GET' && method !== 'HEAD')) return false;
    const rendered = documentAt(queues, url);
    if (!rendered) return false;
    sendRendered(request, response, rendered);
    return true;
  };

const documentAt = (queues: PublicQueues, url: string): Rendered<unknown> | undefined => {
  const query = url.indexOf('?');
  const parts = url.slice(BASE.length, query < 0 ? undefined : query).split('/');
  const [tenant = '', second, third = '', fourth] = parts;
  if (url.includes('%') || parts.length > 4) return undefined;
  if (second === undefined) return tenant === 'tenants.json' ? queues.list : undefined;
  if (parts.length === 2) return second === 'queues.json' ? queues.renderedTenant(tenant) : undefined;
  if (second !== 'queues') return undefined;
  if (fourth === 'outlook.json') return queues.renderedOutlook(tenant, third);
  if (fourth !== undefined || !third.endsWith('.json')) return undefined;
  return queues.renderedQueue(tenant, third.slice(0, -'.json'.length));
};
