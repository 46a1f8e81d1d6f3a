import type { IncomingMessage } from 'node:http';

/**
 * The internet address that a visitor comes from: the peer's, or what `proxies` of our own in front say. Of
 * `X-Forwarded-For` only so many of the last entries are believed, since anybody can send the ones before.
 */
export const visitorAddress = (request: IncomingMessage, proxies: number): string => {
  const peer = request.socket.remoteAddress ?? '';
  if (proxies === 0) return peer;
  const header = request.headers['x-forwarded-for'];
  const told = (Array.isArray(header) ? header.join(',') : (header ?? ''))
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  return withoutPort(told.at(-proxies) ?? told[0] ?? peer);
};

/** Some proxies write `192.0.2.1:5678` and `[2001:db8::1]:5678`. */
const withoutPort = (address: string): string =>
  /^\[(.+)\](?::\d+)?$/.exec(address)?.[1] ?? /^([\d.]+):\d+$/.exec(address)?.[1] ?? address;

/** What limits are kept by: an IPv6 visitor has a whole network of addresses. */
export const networkOf = (address: string): string => {
  const plain = address.replace(/^::ffff:/, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail === undefined ? [] : tail.split(':').filter(Boolean);
  const groups =
    tail === undefined
      ? left
      : [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, '').toLowerCase())
    .join(':');
};
