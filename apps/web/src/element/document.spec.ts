import { describe, expect, it } from 'vitest';
import { documentAddress, isPublicQueue, serverTimeOf } from './document.js';
import { publicQueue } from './public-queue.testing.js';

describe('the public document', () => {
  it('is recognised by what a page relies on', () => {
    expect(isPublicQueue(publicQueue())).toBe(true);
    expect(isPublicQueue({ ...publicQueue(), more: 'from a newer gateway' })).toBe(true);
    expect(isPublicQueue({ ...publicQueue(), wait: null })).toBe(false);
    expect(isPublicQueue({ ...publicQueue(), asOf: '2026' })).toBe(false);
    expect(isPublicQueue(null)).toBe(false);
    expect(isPublicQueue('queue')).toBe(false);
  });

  it('has an address with tenant and queue escaped', () => {
    expect(documentAddress('https://wait.example.org/base/', 'acme', 'a/b c')).toBe(
      'https://wait.example.org/base/public/v1/acme/queues/a%2Fb%20c.json',
    );
  });

  it('tells the server’s time from its date and its age in caches', () => {
    const headers = new Headers({ date: 'Mon, 02 Mar 2026 13:05:10 GMT', age: '7' });
    expect(serverTimeOf(headers)).toBe(Date.parse('2026-03-02T13:05:17Z'));
    expect(serverTimeOf(new Headers())).toBeNull();
  });
});
