import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether the page that opens a connection is one of ours: its `Origin` is the host that it connects to, or the public
 * address of the configuration. Programs send no `Origin`; they carry no cookies of a browser either.
 */
export const isOwnPage = (headers: IncomingHttpHeaders, publicUrl: string | undefined): boolean => {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  return page.host === host || (publicUrl !== undefined && page.origin === new URL(publicUrl).origin);
};
