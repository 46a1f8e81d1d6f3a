import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudEvent } from '@queuecast/events';
import type { PublicQueue } from '@queuecast/live';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Acd } from '../support/acd.js';
import { Dialer, DIALER_SECRET } from '../support/dialer.js';
import { EmbeddedInstallation, KEY } from './embedded-installation.js';
import type { Program } from './program.js';

const acd = new Acd({ tenant: 'acme' });

/** The product in a process of its own, killed as by a power cut. */
describe('what was promised before the product was killed', { timeout: 300_000 }, () => {
  let directory: string;
  let receiver: Dialer;
  let installation: EmbeddedInstallation;
  let program: Program;

  const call = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${installation.origin}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    });
  const send = async (events: readonly CloudEvent[]): Promise<void> => {
    const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/cloudevents-batch+json' };
    const body = JSON.stringify(events);
    const answer = await fetch(`${installation.origin}/v1/events`, { method: 'POST', headers, body });
    expect(answer.status).toBe(202);
  };
  const watch = async (underMinutes: number): Promise<string> => {
    const body = JSON.stringify({ queue: 'support', underMinutes, url: receiver.url });
    const answer = await call('/v1/watches', { method: 'POST', body });
    expect(answer.status).toBe(201);
    return ((await answer.json()) as { id: string }).id;
  };
  const open = async (): Promise<string[]> => {
    const { watches } = (await (await call('/v1/watches')).json()) as { watches: { id: string }[] };
    return watches.map(({ id }) => id);
  };
  const waitOf = async (): Promise<PublicQueue['wait']['kind']> =>
    ((await (await call('/public/v1/acme/queues/support.json')).json()) as PublicQueue).wait.kind;
  const of = (id: string): readonly number[] =>
    receiver.messages.filter((message) => message.id === id).map(({ status }) => status);
  const killed = async (): Promise<void> => {
    await program.kill();
    program = installation.start();
    await program.up();
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'queuecast-watches-'));
    receiver = await Dialer.start();
    installation = await EmbeddedInstallation.create(directory, {
      tenants: [
        {
          id: 'acme',
          queues: [{ id: 'support', public: true }],
          webhooks: { secret: DIALER_SECRET, allowedHosts: ['127.0.0.1'] },
          apiKeys: [
            { name: 'all', sha256: createHash('sha256').update(KEY).digest('hex'), scopes: ['ingest', 'reports'] },
          ],
        },
      ],
      processor: { flushMs: 100 },
    });
    program = installation.start();
    await program.up();
  }, 120_000);
  afterAll(async () => {
    await program.kill();
    await receiver.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('is told once the wait is short: the watch stands as soon as it is acknowledged, and is told once', async () => {
    const id = await watch(10);
    await killed();
    await expect.poll(open, { timeout: 60_000 }).toEqual([id]);
    receiver.answers = [503];
    await send(acd.shortWaits('support'));
    await receiver.got(() => of(id).length > 0);
    // Told, not confirmed: the next life goes on.
    await killed();
    await receiver.got(() => of(id).length > 1);
    expect(of(id)).toEqual([503, 204]);
    await expect.poll(open, { timeout: 60_000 }).toEqual([]);
    await killed();
    const later = await watch(10);
    await send([acd.heartbeat()]);
    await receiver.got(() => of(later).length > 0);
    expect([of(id), of(later)]).toEqual([[503, 204], [204]]);
  });

  it('is shown again: estimates know what they had learnt, and what was in the facts beyond that', async () => {
    await send([acd.heartbeat()]);
    await expect.poll(waitOf, { timeout: 60_000 }).toBe('band');
    await killed();
    await send([acd.heartbeat()]);
    await expect.poll(waitOf, { timeout: 60_000 }).toBe('band');
  });
});
