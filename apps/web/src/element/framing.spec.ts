import { describe, expect, it } from 'vitest';
import { decode, encodeConnect, encodeEvent } from './framing.js';

const read = (text: string) => decode(text, '/public');

describe('framing', () => {
  it('writes a namespace and an event as the protocol has them', () => {
    expect(encodeConnect('/public')).toBe('40/public,');
    expect(encodeEvent('/public', 'subscribe', { tenant: 'acme' })).toBe('42/public,["subscribe",{"tenant":"acme"}]');
  });

  it.each([
    [
      '0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}',
      { kind: 'open', pingIntervalMs: 25_000, pingTimeoutMs: 20_000 },
    ],
    ['1', { kind: 'closed' }],
    ['2', { kind: 'ping' }],
    ['40/public,{"sid":"b"}', { kind: 'connected' }],
    ['41/public,', { kind: 'closed' }],
    ['42/public,["queue",{"queue":"support"}]', { kind: 'event', name: 'queue', payload: { queue: 'support' } }],
    ['42/public,17["queue",1]', { kind: 'event', name: 'queue', payload: 1 }],
    ['44/public,{"message":"poll instead"}', { kind: 'refused', message: 'poll instead' }],
    ['44/public,', { kind: 'refused', message: 'refused' }],
  ])('reads %s', (text, packet) => {
    expect(read(text)).toEqual(packet);
  });

  it.each([
    '',
    '0',
    '0{}',
    '0null',
    '3',
    '6',
    '4',
    '42/other,["queue",1]',
    '42["queue",1]',
    '42/public,{',
    '45/public,[]',
  ])('calls %j unreadable, and does not fail', (text) => {
    expect(read(text)).toEqual({ kind: 'unreadable' });
  });
});
