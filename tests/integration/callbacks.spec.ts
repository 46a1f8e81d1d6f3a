import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { leadingZeroBits, proofDigest } from '@queuecast/callbacks';
import { openStore } from '@queuecast/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Acd } from '../support/acd.js';
import { Dialer, DIALER_SECRET } from '../support/dialer.js';
import { ServerHome, type RunningServer, type SettingsInput } from '../support/server.js';

const KEY = 'acme-key-of-the-callback-tests';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const NUMBER_KEYS = `k2:${randomBytes(32).toString('base64')},k1:${randomBytes(32).toString('base64')}`;
const HOUR = 3_600_000;
/** Numbers by what they are asked with; none of their digits may be found anywhere afterwards. */
const numbers = Array.from({ length: 30 }, (_, n) => `+3247${String(7_310_059 + n * 48_611).slice(0, 7)}`);
const always = { offer: 'always', perHour: 1000 } as const;

const settings = (dialer: string): SettingsInput => ({
  processor: { flushMs: 50 },
  server: { proxies: 1 },
  tenants: [
    {
      id: 'acme',
      name: 'Acme Telecom',
      timeZone: 'Europe/Brussels',
      queues: [
        { id: 'support', name: { en: 'Support', fr: 'Assistance' }, public: true, callbacks: always },
        { id: 'busy', public: true, callbacks: { offer: 'always', perHour: 1, profile: 'custom', hours: 4 } },
        { id: 'long', public: true, callbacks: { offer: 'when_long' } },
        { id: 'none', public: true },
        { id: 'board', callbacks: always },
      ],
      callbacks: {
        countries: ['BE', 'NL'],
        placeLinks: true,
        perAddressPerHour: 50,
        perNumberPerDay: 3,
        webhook: { url: dialer, secret: DIALER_SECRET },
      },
      apiKeys: [{ name: 'acme', sha256: sha256(KEY), scopes: ['ingest', 'reports'] }],
    },
    {
      id: 'globex',
      name: 'Globex',
      queues: [{ id: 'support', public: true, callbacks: always }],
      callbacks: { proofOfWorkBits: 8 },
      apiKeys: [{ name: 'globex', sha256: sha256('globex-key'), scopes: ['ingest', 'reports'] }],
    },
  ],
});

interface Status {
  readonly status: string;
  readonly state: string;
  readonly dueAt: string;
  readonly promisedAt: string;
  readonly window: { readonly from: string; readonly to: string } | null;
  readonly attempts: number;
  readonly canChange: boolean;
}

interface Problem {
  readonly title: string;
  readonly detail: string;
  readonly reason?: string;
  readonly windows?: readonly { readonly from: string; readonly to: string; readonly free: boolean }[];
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
  readonly proofOfWork?: { readonly challenge: string; readonly bits: number };
}

const consent = { language: 'en', version: '1' };
let visitors = 0;
/** Every visitor has an address of his own, as the proxy in front tells. */
const visitor = (more: Record<string, string> = {}): Record<string, string> => {
  visitors += 1;
  return {
    'Content-Type': 'application/json',
    'X-Forwarded-For': `203.0.${Math.floor(visitors / 250)}.${visitors % 250}`,
    ...more,
  };
};

describe('promises of a call back', () => {
  const acd = new Acd({ tenant: 'acme' });
  let home: ServerHome;
  let server: RunningServer;
  let dialer: Dialer;
  const environment = { QUEUECAST_NUMBER_KEYS: NUMBER_KEYS };

  const ask = (queue: string, number: string, more: object = {}, headers = visitor(), tenant = 'acme') =>
    server.fetch(`/public/v1/${tenant}/queues/${queue}/callbacks`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ number, consent, ...more }),
    });
  const promise = async (queue: string, number: string, more: object = {}, headers = visitor()): Promise<Status> => {
    const response = await ask(queue, number, more, headers);
    expect(response.status, await response.clone().text()).toBe(201);
    return (await response.json()) as Status;
  };
  const status = async (of: Status): Promise<Status> => (await (await server.fetch(of.status)).json()) as Status;
  const change = (of: Status, method: string, body?: object) =>
    server.fetch(of.status, {
      method,
      headers: visitor(),
      ...(body && { body: JSON.stringify(body) }),
    });
  const problem = async (response: Response, expected: number): Promise<Problem> => {
    expect(response.status).toBe(expected);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    return (await response.json()) as Problem;
  };
  const authorized = { Authorization: `Bearer ${KEY}` };
  const listed = async (query = '') => {
    const response = await server.fetch(`/v1/callbacks?limit=1000${query}`, { headers: authorized });
    expect(response.status).toBe(200);
    return ((await response.json()) as { callbacks: Record<string, unknown>[] }).callbacks;
  };
  /** What the dialer was told of the promise to a number, once it was. */
  const toldOf = async (number: string, kind = 'promised') => {
    const is = (message: (typeof dialer.messages)[number]): boolean =>
      message.body.data['number'] === number && message.body.type === `callback.${kind}` && message.status < 300;
    await dialer.got((messages) => messages.some(is));
    return dialer.messages.find(is)!.body.data as { readonly id: string } & Record<string, unknown>;
  };

  beforeAll(async () => {
    dialer = await Dialer.start();
    home = await ServerHome.create(settings(dialer.url));
    server = await home.start({ arguments: ['--no-demo'], environment });
  });
  afterAll(async () => {
    await home.remove();
    await dialer.stop();
  });

  it('survive a kill of the whole process, and are delivered exactly once to a dialer that fails twice', async () => {
    dialer.answers = [500, 503];
    const made = await promise('support', numbers[0]!);
    await dialer.got((messages) => messages.length === 1);
    await server.kill();
    server = await home.start({ arguments: ['--no-demo'], environment });
    await expect.poll(() => status(made)).toMatchObject({ state: 'promised', dueAt: made.dueAt });
    const data = await toldOf(numbers[0]!);
    expect(data).toMatchObject({ queue: 'support', dueAt: made.dueAt, profile: 'be-24h', origin: 'web' });
    // A later one is told: whatever else was to be told of the first would have been before.
    await promise('support', numbers[1]!);
    await toldOf(numbers[1]!);
    const first = dialer.messages.filter(({ body }) => body.data['id'] === data.id);
    expect(first.map((message) => message.status)).toEqual([500, 503, 204]);
    expect(new Set(first.map(({ id }) => id)).size).toBe(1);
    expect(first.every(({ isSigned }) => isSigned)).toBe(true);
  });

  it('are due within 24 hours, and seen, moved and cancelled by their link', async () => {
    const made = await promise('support', numbers[2]!);
    expect(Date.parse(made.dueAt) - Date.parse(made.promisedAt)).toBe(24 * HOUR);
    const offer = (await (await server.fetch('/public/v1/acme/queues/support/callbacks')).json()) as {
      readonly offered: boolean;
      readonly windows: Problem['windows'];
    };
    expect(offer.offered).toBe(true);
    // Not the first: an hour that is about to begin is not on offer for long.
    const window = offer.windows!.filter(({ free }) => free)[1]!;
    const moved = await change(made, 'PATCH', { window: { from: window.from } });
    expect(moved.status).toBe(200);
    expect(await moved.json()).toMatchObject({ dueAt: window.to, window: { from: window.from, to: window.to } });
    expect((await toldOf(numbers[2]!, 'moved'))['dueAt']).toBe(window.to);
    const cancelled = await change(made, 'DELETE');
    expect(await cancelled.json()).toMatchObject({ state: 'cancelled', canChange: false });
    expect((await change(made, 'DELETE')).status).toBe(200);
    expect((await problem(await change(made, 'PATCH', { window: { from: window.from } }), 409)).title).toBe(
      'This promise is over',
    );
    expect(await status(made)).toMatchObject({ state: 'cancelled' });
  });

  it('are kept or broken by what the dialer says, over the API and by events', async () => {
    const made = await promise('support', numbers[3]!);
    const { id } = await toldOf(numbers[3]!);
    const tell = (what: string, body: object, key = KEY) =>
      server.fetch(`/v1/callbacks/${id}/${what}`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${key}`, 'Idempotency-Key': `${what}-1` },
        body: JSON.stringify(body),
      });
    expect((await tell('attempts', { outcome: 'busy' })).status).toBe(202);
    expect((await tell('attempts', { outcome: 'busy' })).status).toBe(202);
    expect((await tell('kept', {}, 'globex-key')).status).toBe(404);
    expect((await tell('kept', {}, 'nobody')).status).toBe(401);
    expect((await tell('kept', { agent: 'anna' })).status).toBe(202);
    expect(await status(made)).toMatchObject({ state: 'kept' });
    const other = await promise('support', numbers[4]!);
    const told = await toldOf(numbers[4]!);
    const event = acd.event('acd.callback.cancelled', told.id, { by: 'system', reason: 'no agents' });
    expect(await server.send(KEY, [event])).toMatchObject({ accepted: 1 });
    await expect.poll(async () => (await status(other)).state).toBe('withdrawn');
  });

  it('are one to a number and queue, and nobody can tell that there was one before', async () => {
    const [first, second] = [await promise('support', numbers[5]!), await promise('support', numbers[5]!)];
    const shape = ({ status: link, ...rest }: Status) => ({ ...rest, link: link.length, dueAt: '', promisedAt: '' });
    expect(shape(second)).toEqual(shape(first));
    expect(second.status).not.toBe(first.status);
    const { id } = await toldOf(numbers[5]!);
    // Whoever asked second cancels his own only.
    await change(second, 'DELETE');
    expect(await status(first)).toMatchObject({ state: 'promised' });
    const third = await promise('support', numbers[5]!);
    // The dialer is told of what is in the log; the list is of the facts.
    await expect.poll(async () => (await listed()).filter((row) => row['id'] === id).length).toBe(1);
    // The first is called off: the third stands in for it, and the dialer hears of it.
    await change(first, 'DELETE');
    await dialer.got((messages) =>
      messages.some(({ body }) => body.data['number'] === numbers[5] && body.data['id'] !== id),
    );
    expect(await status(third)).toMatchObject({ state: 'promised' });
  });

  it('are the same one when asked again with the same key', async () => {
    const headers = () => visitor({ 'Idempotency-Key': 'form-1' });
    const first = await promise('support', numbers[6]!, {}, headers());
    const again = await promise('support', numbers[6]!, {}, headers());
    expect({ ...again, status: '' }).toEqual({ ...first, status: '' });
    await change(again, 'DELETE');
    expect(await status(first)).toMatchObject({ state: 'cancelled' });
  });

  it('are not made beyond what can be kept, and the answer says what is free', async () => {
    const offer = async () =>
      (await (await server.fetch('/public/v1/acme/queues/busy/callbacks')).json()) as {
        readonly offered: boolean;
        readonly reason: string | null;
        readonly windows: NonNullable<Problem['windows']>;
      };
    const window = (await offer()).windows[1]!;
    await promise('busy', numbers[7]!, { window: { from: window.from } });
    const taken = await problem(await ask('busy', numbers[8]!, { window: { from: window.from } }), 409);
    expect(taken).toMatchObject({ reason: 'full', title: 'This time is taken' });
    expect(taken.windows!.find(({ from }) => from === window.from)).toMatchObject({ free: false });
    let refused: Response | null = null;
    for (let n = 9; n < 16 && !refused; n += 1) {
      const response = await ask('busy', numbers[n]!);
      if (response.status !== 201) refused = response;
    }
    expect((await problem(refused!, 409)).reason).toBe('full');
    expect(await offer()).toMatchObject({ offered: false, reason: 'full' });
    expect((await offer()).windows.every(({ free }) => !free)).toBe(true);
  });

  it('are not offered while the wait is short, by a queue that does not, or by one that is not public', async () => {
    expect((await problem(await ask('long', numbers[16]!), 409)).reason).toBe('short_wait');
    expect((await problem(await ask('none', numbers[16]!), 409)).reason).toBe('never');
    const [hidden, unknown, nobody] = await Promise.all([
      ask('board', numbers[16]!).then((response) => problem(response, 404)),
      ask('there-is-none', numbers[16]!).then((response) => problem(response, 404)),
      ask('support', numbers[16]!, {}, visitor(), 'nobody').then((response) => problem(response, 404)),
    ]);
    expect(hidden).toEqual(unknown);
    expect(nobody).toEqual(unknown);
    const link = await problem(await server.fetch(`/public/v1/callbacks/${'A'.repeat(200)}`), 404);
    expect(link.detail).toMatch(/^This link leads nowhere/);
  });

  it('are refused in the visitor’s language, field by field, without what was typed', async () => {
    const said = async (language: string, number: string, more: object = {}) =>
      problem(await ask('support', number, more, visitor({ 'Accept-Language': language })), 400);
    expect((await said('nl-BE, en;q=0.5', '0470 12')).errors).toEqual([
      {
        field: 'number',
        message: 'Dit is geen telefoonnummer: schrijf het zoals u het zou vormen, of met + en de landcode.',
      },
    ]);
    expect((await said('fr', '+33 6 12 34 56 78')).detail).toMatch(/numéros de ce pays/);
    expect((await said('de', '0903 12 345')).detail).toMatch(/Nummern dieser Art/);
    expect((await said('pl', numbers[17]!, { consent: { language: 'en', version: '0' } })).errors?.[0]?.field).toBe(
      'consent',
    );
    expect((await said('en', numbers[17]!, { extra: 1 })).title).toBe('This cannot be taken as it is');
    const window = await problem(await ask('support', numbers[17]!, { window: { from: '2020-01-01T00:00:00Z' } }), 409);
    expect(window.reason).toBe('window');
    const broken = await server.fetch('/public/v1/acme/queues/support/callbacks', {
      method: 'POST',
      headers: visitor(),
      body: '{',
    });
    expect((await problem(broken, 400)).detail).toBe('Something in what was sent is missing or not right.');
    const huge = await ask('support', numbers[17]!, { padding: 'x'.repeat(20_000) });
    expect((await problem(huge, 413)).detail).toBe('More was sent than a request may hold.');
  });

  it('are limited by number and by address, with when to come again', async () => {
    for (let n = 0; n < 3; n += 1) await promise('support', numbers[18]!);
    const limited = await ask('support', numbers[18]!);
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await problem(limited, 429)).title).toBe('Too many requests');
    const headers = visitor();
    const statuses: number[] = [];
    for (let n = 0; n < 51; n += 1) statuses.push((await ask('support', '1', {}, headers)).status);
    expect(new Set(statuses.slice(0, 50))).toEqual(new Set([400]));
    expect(statuses[50]).toBe(429);
    // Whoever makes up the first addresses of X-Forwarded-For is still where the proxy saw him.
    const forged = { ...headers, 'X-Forwarded-For': `198.51.100.1, ${headers['X-Forwarded-For']}` };
    expect((await ask('support', '1', {}, forged)).status).toBe(429);
  });

  it('ask for work of the browser where the tenant wants it, once each', async () => {
    const demanded = await problem(await ask('support', numbers[19]!, {}, visitor(), 'globex'), 403);
    const { challenge, bits } = demanded.proofOfWork!;
    let solution = 0;
    while (leadingZeroBits(proofDigest(challenge, String(solution))) < bits) solution += 1;
    const proof = { challenge, solution: String(solution) };
    expect((await ask('support', numbers[19]!, { proof }, visitor(), 'globex')).status).toBe(201);
    expect((await ask('support', numbers[20]!, { proof }, visitor(), 'globex')).status).toBe(403);
  });

  it('may be asked for from any website', async () => {
    const preflight = await server.fetch('/public/v1/acme/queues/support/callbacks', { method: 'OPTIONS' });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Idempotency-Key');
  });

  it('are taken in exchange for a place in line, which is not lost', async () => {
    const now = Date.now();
    const callers = ['first', 'second', 'third'].map((name, n) => acd.joins(name, 'support', now - 60_000 + n * 1000));
    const { places } = await server.send(KEY, callers.flat());
    const minted = await server.fetch('/v1/places', {
      method: 'POST',
      headers: authorized,
      body: JSON.stringify({ queue: 'support', contact: 'second', leg: '1' }),
    });
    expect(minted.status).toBe(201);
    const { path } = (await minted.json()) as { readonly path: string };
    const place = async () =>
      (await (await server.fetch(path)).json()) as { readonly state: string; readonly position: number };
    await expect.poll(place).toMatchObject({ state: 'waiting', position: 2, waiting: 3, canSwap: true });
    // The collector had given it to the ACD with its answer.
    expect(places?.map(({ contact, queue }) => [contact, queue])).toEqual(
      ['first', 'second', 'third'].map((name) => [name, 'support']),
    );
    expect(await (await server.fetch(places?.[2]?.path ?? '')).json()).toMatchObject({ position: 3, waiting: 3 });
    await server.send(KEY, [acd.answers('first', 'anna')]);
    await expect.poll(place).toMatchObject({ position: 1, waiting: 2 });
    const swapped = await server.fetch(`${path}/callback`, {
      method: 'POST',
      headers: visitor(),
      body: JSON.stringify({ number: numbers[21], consent }),
    });
    expect(swapped.status).toBe(201);
    expect(await toldOf(numbers[21]!)).toMatchObject({
      origin: 'place',
      contact: 'second',
      leg: '1',
      place: { queuedAt: new Date(now - 59_000).toISOString(), priority: 0, position: 1 },
    });
    await expect.poll(place).toMatchObject({ state: 'gone', position: null });
    // A place goes as soon as its event is read; the ledger is of the facts.
    const ledger = async () => {
      const range = `from=${new Date(now - HOUR).toISOString()}&to=${new Date(now + HOUR).toISOString()}`;
      const path = `/v1/reports/ledger?${range}&queue=support&grain=total`;
      const { rows } = (await (await server.fetch(path, { headers: authorized })).json()) as {
        readonly rows: readonly { readonly classes: Record<string, number> }[];
      };
      return rows[0]?.classes;
    };
    await expect.poll(ledger).toMatchObject({ callback_taken: 1, answered: 1, still_waiting: 1 });
  });

  const linkOf = async (contact: string): Promise<string> => {
    await server.send(KEY, acd.joins(contact, 'support', Date.now()));
    const minted = await server.fetch('/v1/places', {
      method: 'POST',
      headers: authorized,
      body: JSON.stringify({ queue: 'support', contact, leg: '1' }),
    });
    const { path } = (await minted.json()) as { readonly path: string };
    await expect
      .poll(async () => (await server.fetch(path)).json(), { timeout: 20_000 })
      .toMatchObject({ state: 'waiting' });
    return path;
  };
  const swap = (path: string, number: string) =>
    server.fetch(`${path}/callback`, {
      method: 'POST',
      headers: visitor(),
      body: JSON.stringify({ number, consent }),
    });

  it('are given for a place to a number that has one already: the dialer hears of the place', async () => {
    const number = numbers[22]!;
    const windows = (await problem(await ask('support', number, { window: { from: '2020-01-01T00:00:00Z' } }), 409))
      .windows!;
    const made = await promise('support', number, { window: { from: windows.findLast(({ free }) => free)!.from } });
    const { id } = await toldOf(number);
    const path = await linkOf('fourth');
    const swapped = await swap(path, number);
    expect(swapped.status).toBe(201);
    const { dueAt } = (await swapped.json()) as Status;
    // Whoever gives up his place wants to be called in his turn, not within the hour of before.
    expect(await toldOf(number, 'moved')).toMatchObject({
      id,
      origin: 'place',
      contact: 'fourth',
      dueAt,
      window: null,
      place: { position: expect.any(Number) as number },
    });
    await expect
      .poll(async () => (await server.fetch(path)).json(), { timeout: 20_000 })
      .toMatchObject({ state: 'gone' });
    expect(await status(made)).toMatchObject({ dueAt });
  });

  it('are one for a place, however often and with whatever numbers it is given up', async () => {
    const path = await linkOf('fifth');
    const [first, again] = [await swap(path, numbers[23]!), await swap(path, numbers[23]!)];
    expect([first.status, again.status]).toEqual([201, 201]);
    expect((await problem(await swap(path, numbers[24]!), 409)).title).toBe('You are no longer waiting');
    await toldOf(numbers[23]!);
    const ofPlace = (await listed()).filter(({ contact }) => contact === 'fifth');
    expect(ofPlace).toHaveLength(1);
  });

  it('are over with the call, all to a number, which may then ask anew', async () => {
    const number = numbers[25]!;
    const [first, second] = [await promise('support', number), await promise('support', number)];
    const { id } = await toldOf(number);
    await server.fetch(`/v1/callbacks/${id}/kept`, { method: 'POST', headers: authorized, body: '{}' });
    expect(await status(first)).toMatchObject({ state: 'kept' });
    expect(await status(second)).toMatchObject({ state: 'kept' });
    const third = await promise('support', number);
    const isNew = ({ body: { data } }: (typeof dialer.messages)[number]): boolean =>
      data['number'] === number && data['id'] !== id;
    await dialer.got((messages) => messages.some(isNew));
    const told = dialer.messages.find(isNew)!.body.data['id'];
    expect((await listed()).find((row) => row['id'] === told)).toMatchObject({ class: 'open' });
    expect(await status(third)).toMatchObject({ state: 'promised' });
  });

  it('balance: promised = open + kept + late + broken + cancelled; and the record is published only from ten on', async () => {
    const [from, to] = [new Date(Date.now() - HOUR), new Date(Date.now() + HOUR)].map((at) => at.toISOString());
    const reported = async () => {
      const report = await server.fetch(`/v1/reports/callbacks?from=${from}&to=${to}&grain=total`, {
        headers: authorized,
      });
      expect(report.status).toBe(200);
      return ((await report.json()) as { readonly rows: readonly { readonly values: Record<string, number> }[] }).rows;
    };
    // Everything that was promised above, as soon as all of it is in the facts.
    await expect.poll(async () => (await listed()).map((row) => row['origin'])).toContain('place');
    const [rows, all] = [await reported(), await listed()];
    const sum = (metric: string): number => rows.reduce((total, { values }) => total + values[metric]!, 0);
    expect(sum('callbacks_promised')).toBe(all.length);
    for (const name of ['open', 'kept', 'late', 'broken', 'cancelled'])
      expect(sum(`callbacks_${name}`), name).toBe(all.filter((row) => row['class'] === name).length);
    expect(sum('callbacks_kept')).toBe(2);
    expect(sum('callbacks_broken')).toBe(1);
    const record = await server.fetch('/public/v1/acme/promise-record.json');
    expect(await record.json()).toEqual({
      tenant: 'acme',
      days: 90,
      due: null,
      kept: null,
      late: null,
      broken: null,
    });
    expect((await server.fetch('/public/v1/nobody/promise-record.json')).status).toBe(404);
  });

  it('leave no number anywhere but with the dialer, and open with the keys there are', async () => {
    const metrics = await (await server.fetch('/metrics')).text();
    const rows = JSON.stringify(await listed());
    const { printed } = server;
    expect(await server.terminate()).toBe(0);
    const plain = numbers.map((number) => number.slice(3));
    for (const digits of plain) for (const text of [metrics, rows, printed]) expect(text).not.toContain(digits);
    let files = 0;
    for (const entry of await readdir(home.dataDirectory, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      files += 1;
      const bytes = await readFile(join(entry.parentPath, entry.name));
      for (const digits of plain) expect(bytes.includes(digits), `${entry.name} holds ${digits}`).toBe(false);
    }
    expect(files).toBeGreaterThan(10);
    // What the engine keeps is compressed: asked of itself.
    const store = await openStore({ kind: 'embedded', directory: join(home.dataDirectory, 'store') });
    try {
      const found = await store.report(
        `SELECT countIf(multiSearchAny(body, [${plain.map((digits) => `'${digits}'`).join(',')}])) AS plain,
countIf(body LIKE '%v1.k2.%') AS sealed FROM events`,
        {},
      );
      expect(Number(found[0]?.['plain'])).toBe(0);
      expect(Number(found[0]?.['sealed'])).toBeGreaterThan(10);
      const marks = await store.report(`SELECT toString(groupArray(marks)) AS marks FROM callbacks`, {});
      for (const digits of plain) expect(String(marks[0]?.['marks'])).not.toContain(digits);
    } finally {
      await store.close();
    }
  });
});
