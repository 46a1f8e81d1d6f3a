import type { IncomingMessage } from 'node:http';
import { tenantId, type Instant, type TenantId } from '@queuecast/events';
import { jwtVerify, SignJWT } from 'jose';
import { parse as parseCookies } from './cookies.js';

export const SESSION_COOKIE = 'queuecast_session';
const ISSUER = 'queuecast';
const AUDIENCE = 'queuecast-session';

/** A signed-in supervisor or analyst: bound to one tenant. */
export interface Session {
  readonly tenant: TenantId;
  readonly expiresAt: Instant;
}

/** Signs and verifies session tokens: HS256 JWTs bound to one tenant, with an expiry. */
export class Sessions {
  /**
   * @param secret at least 32 bytes
   * @param tenants tokens of other tenants are refused: a tenant taken out of the configuration is out
   */
  constructor(
    private readonly secret: Uint8Array,
    private readonly tenants: ReadonlySet<string>,
    private readonly now: () => number = Date.now,
  ) {}

  /** A token for one tenant that expires after `ttlSeconds`. */
  async mint(tenant: TenantId, ttlSeconds: number): Promise<{ readonly token: string; readonly expiresAt: Instant }> {
    const issuedAt = Math.floor(this.now() / 1000);
    const token = await new SignJWT({ tenant })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ttlSeconds)
      .sign(this.secret);
    return { token, expiresAt: ((issuedAt + ttlSeconds) * 1000) as Instant };
  }

  /** The session of a token; null if it is not ours, was changed, or has expired. */
  async verify(token: string): Promise<Session | null> {
    try {
      const { payload } = await jwtVerify<{ tenant: unknown }>(token, this.secret, {
        algorithms: ['HS256'],
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ['exp', 'tenant'],
        currentDate: new Date(this.now()),
      });
      if (typeof payload.tenant !== 'string' || !this.tenants.has(payload.tenant)) return null;
      return { tenant: tenantId(payload.tenant), expiresAt: (payload.exp! * 1000) as Instant };
    } catch {
      return null;
    }
  }

  /** The session token in a request's cookie; null if there is none. */
  cookieToken(request: IncomingMessage): string | null {
    return parseCookies(request.headers.cookie).get(SESSION_COOKIE) ?? null;
  }
}

/** The `Set-Cookie` value of a session: not for scripts, not sent from other sites' pages. */
export const sessionCookie = (token: string, maxAgeSeconds: number, secure: boolean): string =>
  `${SESSION_COOKIE}=${token}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
