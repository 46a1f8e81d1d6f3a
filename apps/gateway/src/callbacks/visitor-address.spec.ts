import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { networkOf, visitorAddress } from './visitor-address.js';

const request = (peer: string, forwarded?: string): IncomingMessage =>
  ({
    socket: { remoteAddress: peer },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage;

describe('where a visitor comes from', () => {
  it('is the peer, whatever he claims, where no proxy of ours is in front', () => {
    expect(visitorAddress(request('192.0.2.1', '203.0.113.9'), 0)).toBe('192.0.2.1');
  });

  it('is what our proxies saw, not what was sent to them', () => {
    expect(visitorAddress(request('10.0.0.1', '198.51.100.7, 203.0.113.9'), 1)).toBe('203.0.113.9');
    expect(visitorAddress(request('10.0.0.1', '198.51.100.7, 203.0.113.9, 10.0.0.2'), 2)).toBe('203.0.113.9');
    expect(visitorAddress(request('10.0.0.1'), 1)).toBe('10.0.0.1');
    expect(visitorAddress(request('10.0.0.1', '203.0.113.9:5678'), 1)).toBe('203.0.113.9');
    expect(visitorAddress(request('10.0.0.1', '[2001:db8::1]:5678'), 1)).toBe('2001:db8::1');
    expect(visitorAddress(request('10.0.0.1', '2001:db8::1'), 1)).toBe('2001:db8::1');
  });

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:0:12:1:2:3:4', '2001:db8:0:12'],
    ['2001:DB8:0000:0012::1', '2001:db8:0:12'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
  ])('%s is of the network %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
