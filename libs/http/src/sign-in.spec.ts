import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tenantId } from '@queuecast/events';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSecret } from './secret.js';
import { sessionCookie, Sessions } from './sessions.js';
import { SignInTickets } from './tickets.js';

const secret = new TextEncoder().encode('a secret of more than thirty-two characters');
const acme = tenantId('acme');
const requestWith = (cookie: string): IncomingMessage => ({ headers: { cookie } }) as unknown as IncomingMessage;

describe('one-time tickets', () => {
  it('sign in once', () => {
    const tickets = new SignInTickets();
    const ticket = tickets.mint(acme);
    expect(tickets.spend(ticket)).toBe('acme');
    expect(tickets.spend(ticket)).toBeNull();
  });

  it('end after their time', () => {
    let now = 0;
    const tickets = new SignInTickets(() => now);
    const ticket = tickets.mint(acme, 60);
    now = 60_000;
    expect(tickets.spend(ticket)).toBeNull();
  });

  it('differ, and a guess is worth nothing', () => {
    const tickets = new SignInTickets();
    expect(tickets.link(acme)).toMatch(/^\/login\?ticket=[\w-]{43}$/);
    expect(tickets.mint(acme)).not.toBe(tickets.mint(acme));
    expect(tickets.spend('')).toBeNull();
    expect(tickets.spend('x'.repeat(43))).toBeNull();
  });

  it('take bounded memory: the oldest gives way', () => {
    const tickets = new SignInTickets();
    const first = tickets.mint(acme);
    const second = tickets.mint(acme);
    for (let n = 0; n < 999; n++) tickets.mint(acme);
    expect(tickets.spend(first)).toBeNull();
    expect(tickets.spend(second)).toBe('acme');
  });
});

describe('session tokens', () => {
  const at = Date.parse('2026-03-01T12:00:00Z');
  const sessions = (now = at, key = secret, tenants = ['acme', 'globex']) =>
    new Sessions(key, new Set(tenants), () => now);

  it('are bound to their tenant and their end', async () => {
    const { token, expiresAt } = await sessions().mint(acme, 3600);
    expect(expiresAt).toBe(at + 3_600_000);
    expect(await sessions().verify(token)).toEqual({ tenant: 'acme', expiresAt });
    expect(await sessions(at + 3_599_000).verify(token)).not.toBeNull();
    expect(await sessions(at + 3_600_000).verify(token)).toBeNull();
  });

  it('are refused when signed by another secret, altered, unsigned, or of a tenant that is gone', async () => {
    const { token } = await sessions().mint(acme, 3600);
    const [head, body, signature] = token.split('.') as [string, string, string];
    const other = new TextEncoder().encode('another secret of more than thirty-two characters');
    expect(await sessions(at, other).verify(token)).toBeNull();
    expect(await sessions(at, secret, ['globex']).verify(token)).toBeNull();
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
    const forged = Buffer.from(JSON.stringify({ ...claims, tenant: 'globex' })).toString('base64url');
    expect(await sessions().verify(`${head}.${forged}.${signature}`)).toBeNull();
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    expect(await sessions().verify(`${none}.${body}.`)).toBeNull();
    for (const junk of ['', '..', 'a.b.c']) expect(await sessions().verify(junk)).toBeNull();
  });

  it('must have an end, and must be meant for this', async () => {
    const base = () => new SignJWT({ tenant: 'acme' }).setProtectedHeader({ alg: 'HS256' }).setIssuer('queuecast');
    expect(await sessions().verify(await base().setAudience('queuecast-session').sign(secret))).toBeNull();
    const elsewhere = await base().setAudience('other').setExpirationTime('1h').sign(secret);
    expect(await sessions().verify(elsewhere)).toBeNull();
  });

  it('come in a cookie that scripts cannot read', async () => {
    expect(sessionCookie('t', 60, true)).toBe(
      'queuecast_session=t; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure',
    );
    expect(sessions().cookieToken(requestWith('a=b; queuecast_session=t.o.k; c'))).toBe('t.o.k');
    expect(sessions().cookieToken(requestWith('not_queuecast_session=t'))).toBeNull();
  });
});

describe('the signing secret', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'queuecast-secret-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));
  const load = (given: string | null = null) =>
    loadSecret({ secret: given, secretEnv: 'QUEUECAST_SECRET', dataDir: join(dataDir, 'deep') });

  it('is made once, for its owner only, and the same ever after', async () => {
    const [first, second] = await Promise.all([load(), load()]);
    expect(first.length).toBeGreaterThanOrEqual(32);
    expect(await load()).toEqual(first);
    expect((await stat(join(dataDir, 'deep', 'secret'))).mode & 0o777).toBe(0o600);
    expect(new TextDecoder().decode(first)).toBe(await readFile(join(dataDir, 'deep', 'secret'), 'utf8'));
    expect(second).toEqual(first);
  });

  it('comes from the environment if it is set there', async () => {
    expect(await load('x'.repeat(32))).toEqual(new TextEncoder().encode('x'.repeat(32)));
  });

  it('is refused when it is short, naming where it stands', async () => {
    await expect(load('short')).rejects.toThrow(/QUEUECAST_SECRET has 5 characters: give at least 32/);
    await load();
    await writeFile(join(dataDir, 'deep', 'secret'), 'cut');
    await expect(load()).rejects.toThrow(/secret has 3 characters/);
  });
});
