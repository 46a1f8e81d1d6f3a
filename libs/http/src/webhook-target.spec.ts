import { describe, expect, it } from 'vitest';
import { isPublicAddress, refusedTarget } from './webhook-target.js';

describe('a public address', () => {
  it.each(['9.9.9.9', '172.15.255.255', '172.32.0.1', '192.169.0.1', '2606:4700::1111', '2a00::1'])(
    'is %s',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.19.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fc00::1',
    'fd12::1',
    'ff02::1',
    '::ffff:10.0.0.1',
    '::ffff:9.9.9.9',
    '64:ff9b::a00:1',
    '2001:db8::1',
    '2002:a00:1::',
    '2001::1',
    'example.org',
    '',
  ])('is not %s', (address) => expect(isPublicAddress(address)).toBe(false));
});

describe('a target', () => {
  it.each(['https://hooks.example.org/waits', 'https://9.9.9.9:8443/', 'https://[2606:4700::1111]/'])(
    'may be %s',
    (url) => expect(refusedTarget(url, [])).toBeNull(),
  );

  it.each([
    ['http://hooks.example.org/', 'https://'],
    ['ftp://hooks.example.org/', 'https://'],
    ['https://user:pass@hooks.example.org/', 'password'],
    ['https://127.0.0.1/', 'not a public address'],
    ['https://0x7f.1/', 'not a public address'],
    ['https://2130706433/', 'not a public address'],
    ['https://[::1]/', 'not a public address'],
    ['https://[::ffff:169.254.169.254]/', 'not a public address'],
    ['nonsense', 'must be a URL'],
  ])('may not be %s', (url, reason) => expect(refusedTarget(url, [])).toContain(reason));

  it('may be anywhere and over plain HTTP where its host is allowed, and only there', () => {
    expect(refusedTarget('http://10.0.0.7:9000/x', ['10.0.0.7'])).toBeNull();
    expect(refusedTarget('http://[::1]/', ['::1'])).toBeNull();
    expect(refusedTarget('http://10.0.0.8/', ['10.0.0.7'])).not.toBeNull();
    expect(refusedTarget('file://10.0.0.7/etc', ['10.0.0.7'])).not.toBeNull();
  });
});
