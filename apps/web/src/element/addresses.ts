/**
 * Where a call back of a queue can be asked for: the form on the public page of its tenant.
 *
 * @param server origin and path of the gateway
 */
export const callbackAddress = (server: string, tenant: string, queue: string, lang: string): string => {
  const query = new URLSearchParams({ queue, lang }).toString();
  return `${server.replace(/\/?$/, '/')}t/${encodeURIComponent(tenant)}?${query}#callback`;
};
