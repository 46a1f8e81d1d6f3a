import { Links } from '@queuecast/callbacks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { event, OTHER_KEY, SECRET, send, startCollector, type RunningCollector } from './collector.testing.js';

let collector: RunningCollector;
beforeAll(async () => {
  collector = await startCollector();
});
afterAll(() => collector.stop());

const joins = (contact: string, queue: string, tenant = 'globex') =>
  event({ tenant, subject: contact, type: 'acd.contact.queued', data: { queue, leg: '1' } });
const asGlobex = { Authorization: `Bearer ${OTHER_KEY}` };

describe('links to places in line', () => {
  it('are in the answer, one for each contact that joined a configured queue, and readable with the secret', async () => {
    const before = Date.now();
    const events = [
      event({ tenant: 'globex', subject: 'c-1' }),
      joins('c-1', 'claims'),
      joins('c-2', 'not-configured'),
      { ...joins('c-3', 'claims'), time: 'yesterday' },
      { ...joins('c-4', 'claims'), site: 'delft' },
    ];
    const { status, body } = await send(collector, JSON.stringify(events), asGlobex);
    expect([status, body.accepted]).toEqual([207, 4]);
    expect(body.places).toMatchObject([
      { index: 1, queue: 'claims', contact: 'c-1', leg: '1' },
      { index: 4, queue: 'claims', contact: 'c-4', leg: '1' },
    ]);
    const links = Links.of(SECRET);
    const read = body.places?.map(({ token }) => links.read(String(token)));
    expect(read).toMatchObject([
      { of: 'place', tenant: 'globex', site: 'main', queue: 'claims', contact: 'c-1', leg: '1' },
      { of: 'place', tenant: 'globex', site: 'delft', queue: 'claims', contact: 'c-4', leg: '1' },
    ]);
    for (const [n, place] of (body.places ?? []).entries()) {
      expect(place['path']).toBe(`/public/v1/places/${String(place['token'])}`);
      const link = read?.[n];
      expect(link?.of === 'place' && link.until).toBe(Date.parse(String(place['until'])));
      expect(Date.parse(String(place['until']))).toBeGreaterThanOrEqual(before + 4 * 3_600_000);
    }
  });

  it('are not in the answer of a tenant that did not ask for them, nor where nothing was taken', async () => {
    const { status, body } = await send(collector, JSON.stringify(joins('c-1', 'claims', 'acme')));
    expect([status, body.places]).toEqual([202, undefined]);
    const refused = await send(collector, JSON.stringify({ ...joins('c-1', 'claims'), time: 'yesterday' }), asGlobex);
    expect([refused.status, refused.body.places ?? []]).toEqual([400, []]);
  });
});
