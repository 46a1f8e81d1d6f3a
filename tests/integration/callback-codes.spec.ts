import { codeMessageSchema } from '@queuecast/callbacks';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { RunningGateway } from '../../apps/gateway/src/gateway.testing.js';
import { Dialer, DIALER_SECRET } from '../support/dialer.js';

const MINUTE = 60_000;
const consent = { language: 'en', version: '1' };
const always = { offer: 'always', perHour: 1000 } as const;

interface Sent {
  readonly challenge: string;
  readonly digits: number;
  readonly expiresAt: string;
}

describe('a number proved with a code of the tenant’s own sender', () => {
  let sender: Dialer;
  let gateway: RunningGateway;
  let now = Date.now();
  let numbers = 0;
  const printed: string[] = [];

  beforeAll(async () => {
    sender = await Dialer.start();
    gateway = await RunningGateway.start({
      clock: () => now,
      tenants: [
        {
          id: 'acme',
          queues: [
            { id: 'support', public: true, callbacks: always },
            { id: 'never', public: true },
            { id: 'board', callbacks: always },
          ],
          callbacks: {
            perAddressPerHour: 1000,
            perNumberPerDay: 3,
            codes: { url: sender.url, secret: DIALER_SECRET, minutes: 10, attempts: 3 },
          },
        },
        { id: 'globex', queues: [{ id: 'support', public: true, callbacks: always }] },
      ],
    });
    for (const stream of [process.stdout, process.stderr])
      vi.spyOn(stream, 'write').mockImplementation((text) => {
        printed.push(String(text));
        return true;
      });
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await gateway.stop();
    await sender.stop();
  });
  beforeEach(() => {
    numbers += 1;
    now = Date.now();
  });
  /** A number of its own for each test. */
  const mine = (): string => `+3247012${String(3000 + numbers)}`;
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(`${gateway.url}/public/v1/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const callbacks = 'acme/queues/support/callbacks';
  const askForCode = async (number = mine()): Promise<Sent & { readonly code: string }> => {
    const response = await post(`${callbacks}/codes`, { number });
    expect(response.status, await response.clone().text()).toBe(202);
    const { data } = sender.messages.at(-1)!.body;
    return { ...((await response.json()) as Sent), code: String(data['code']) };
  };
  const wish = (code?: { readonly challenge: string; readonly code: string }, number = mine(), headers = {}) =>
    post(
      callbacks,
      { number, consent, ...(code && { code: { challenge: code.challenge, code: code.code } }) },
      headers,
    );
  const refused = async (response: Response) => {
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const { title, detail, reason } = (await response.json()) as Record<string, string>;
    return { status: response.status, title, detail, reason };
  };
  const wrong = ({ code }: { readonly code: string }, by = 1): string =>
    String((Number(code) + by) % 1e6).padStart(6, '0');

  it('is told by the offer, and nothing is promised without', async () => {
    const offer = (await (await gateway.get(`/public/v1/${callbacks}`)).json()) as Record<string, unknown>;
    expect(offer).toMatchObject({ offered: true, codeNeeded: true });
    expect(await refused(await wish(undefined, mine(), { 'Accept-Language': 'fr' }))).toEqual({
      status: 403,
      title: 'Votre numéro n’est pas confirmé',
      detail: 'Demandez un code : nous l’envoyons à votre numéro.',
      reason: 'code_missing',
    });
  });

  it('is sent a code in a signed message, and promised a call with it', async () => {
    const sent = await askForCode();
    const message = sender.messages.at(-1)!;
    expect(message).toMatchObject({ isSigned: true, idempotencyKey: message.id, body: { type: 'callback.code' } });
    expect(codeMessageSchema.parse(message.body)).toEqual(message.body);
    expect(message.body.data).toEqual({
      tenant: 'acme',
      number: mine(),
      code: expect.stringMatching(/^\d{6}$/) as string,
      language: 'en',
      expiresAt: sent.expiresAt,
    });
    expect(Date.parse(sent.expiresAt)).toBe(now + 10 * MINUTE);
    expect(sent.digits).toBe(6);
    expect(sent.challenge).not.toContain(sent.code);

    expect(await refused(await wish({ ...sent, code: wrong(sent) }))).toMatchObject({
      status: 403,
      reason: 'code_wrong',
    });
    const once = { 'Idempotency-Key': 'form-1' };
    const promised = await wish(sent, mine(), once);
    expect(promised.status).toBe(201);
    const { promisedAt } = (await promised.json()) as { readonly promisedAt: string };
    // Whoever did not hear the answer sends the same again.
    now += MINUTE / 2;
    expect(await (await wish(sent, mine(), once)).json()).toMatchObject({ promisedAt });
    const metrics = await (await gateway.get('/metrics')).text();
    expect(metrics).not.toContain(mine().slice(1));
    expect(metrics).toContain('queuecast_callback_requests_total{outcome="code_wrong"} 1');
  });

  it('is proved for this number only, for ten minutes, and after three wrong guesses no more', async () => {
    const sent = await askForCode();
    const other = mine().replace('+3247012', '+3247112');
    expect(await refused(await wish(sent, other))).toMatchObject({ status: 403, reason: 'code_wrong' });
    now += 10 * MINUTE;
    expect(await refused(await wish(sent))).toMatchObject({ status: 403, reason: 'code_expired' });
    const again = await askForCode();
    for (const by of [1, 2, 3])
      expect(await refused(await wish({ ...again, code: wrong(again, by) }))).toMatchObject({ reason: 'code_wrong' });
    expect(await refused(await wish(again))).toMatchObject({ status: 403, reason: 'code_spent' });
  });

  it('is sent a few codes a day only', async () => {
    for (let n = 0; n < 3; n += 1) await askForCode();
    const before = sender.messages.length;
    const limited = await post(`${callbacks}/codes`, { number: mine() });
    expect(limited.status).toBe(429);
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(sender.messages).toHaveLength(before);
  });

  it('is told when no code could be sent', async () => {
    sender.answers = [500];
    const failed = await post(`${callbacks}/codes`, { number: mine() });
    expect(failed.headers.get('retry-after')).toBe('5');
    expect(await refused(failed)).toMatchObject({ status: 503 });
    expect(printed.join('')).toContain('the sender of codes of acme did not take one: the receiver answered 500');
    await askForCode();
  });

  it('is not asked for where no call can be promised, and none is needed of other tenants', async () => {
    const before = sender.messages.length;
    const statusOf = async (path: string, number = mine()) => (await post(`${path}/codes`, { number })).status;
    expect(await statusOf('acme/queues/never/callbacks')).toBe(409);
    expect(await statusOf('acme/queues/board/callbacks')).toBe(404);
    expect(await statusOf('globex/queues/support/callbacks')).toBe(404);
    expect(await statusOf(callbacks, '12')).toBe(400);
    expect(sender.messages).toHaveLength(before);
  });

  it('is written down nowhere, and neither is a code', () => {
    const codes = sender.messages.flatMap(({ body }) => [String(body.data['code']), String(body.data['number'])]);
    expect(codes.length).toBeGreaterThan(10);
    for (const secret of codes) expect(printed.join('')).not.toContain(secret);
  });
});
