import { BlockList, isIP } from 'node:net';

/** Ranges of the IANA special-purpose registry that are not globally reachable, and multicast. */
const NOT_PUBLIC_IPV4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];
/** Within 2000::/3, all that is global unicast: protocol assignments with Teredo, documentation, 6to4, and again documentation. */
const NOT_PUBLIC_IPV6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const listOf = (ranges: readonly (readonly [string, number])[], family: 'ipv4' | 'ipv6'): BlockList => {
  const list = new BlockList();
  for (const [net, prefix] of ranges) list.addSubnet(net, prefix, family);
  return list;
};
const notPublicIpv4 = listOf(NOT_PUBLIC_IPV4, 'ipv4');
const notPublicIpv6 = listOf(NOT_PUBLIC_IPV6, 'ipv6');
const unicastIpv6 = listOf([['2000::', 3]], 'ipv6');

/** Whether an IP address is on the public internet: not private, loopback, link-local, unique local, mapped or reserved. */
export const isPublicAddress = (address: string): boolean => {
  const version = isIP(address);
  if (version === 4) return !notPublicIpv4.check(address, 'ipv4');
  return version === 6 && unicastIpv6.check(address, 'ipv6') && !notPublicIpv6.check(address, 'ipv6');
};

/** The host of a URL as `allowedHosts` names it; an IPv6 address without its brackets. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

/** Whether a host may be told anywhere and over plain HTTP. */
export const isAllowedHost = (url: URL, allowedHosts: readonly string[]): boolean =>
  allowedHosts.includes(hostOf(url)) || allowedHosts.includes(url.hostname);

/**
 * Why a URL that a program named may not be told, or null. A name can still lead to a private address: that shows only
 * when it is resolved, so it is looked at again then.
 */
export const refusedTarget = (text: string, allowedHosts: readonly string[]): string | null => {
  const url = URL.parse(text);
  if (!url) return 'must be a URL like https://hooks.example.org/waits';
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password';
  if (isAllowedHost(url, allowedHosts)) return /^https?:$/.test(url.protocol) ? null : 'must begin with https://';
  if (url.protocol !== 'https:') return 'must begin with https://, unless webhooks.allowedHosts names its host';
  if (isIP(hostOf(url)) !== 0 && !isPublicAddress(hostOf(url)))
    return `${hostOf(url)} is not a public address: name it in webhooks.allowedHosts to allow it`;
  return null;
};
