import type { IncomingMessage } from 'node:http';
import type { ApiKeys, Scope, Sessions } from '@queuecast/http';
import { presentedKey, ProblemException, type Metrics } from '@queuecast/http';
import type { TenantId } from '@queuecast/events';

const WHERE = 'reports';

/** Who asks: the tenant, and what is written down of it. */
export interface Actor {
  readonly tenant: TenantId;
  /** `wallboard` for a session, which names no person; `key:<name>` for an API key. */
  readonly by: string;
}

/**
 * Who may read history: a signed-in session (cookie or Bearer), or an API key with the scope `reports`. Who may say what
 * became of a contact: a session, or a key that may send events.
 */
export class ReportAccess {
  constructor(
    private readonly sessions: Sessions,
    private readonly keys: ApiKeys,
    private readonly refusals: Metrics['refusals'],
  ) {}

  /**
   * The tenant whose history a request may read: its own, whatever it asks for.
   *
   * @param asked the tenant that the request names, if it names one
   * @throws ProblemException 401 without a valid session or key, 403 for another tenant or a key without the scope; counted
   */
  async tenantOf(request: IncomingMessage, asked: unknown): Promise<TenantId> {
    const own = (await this.identify(request, 'reports', WHERE)).tenant;
    if (asked === undefined || asked === own) return own;
    this.refusals.inc({ where: WHERE, reason: 'other_tenant' });
    throw new ProblemException(403, {
      detail: `tenant: you are signed in for ${own}; leave the parameter out, or sign in for the other tenant`,
      errors: [{ parameter: 'tenant', message: `must be ${own}, or absent` }],
    });
  }

  /**
   * Who asks to change what is known of a contact of his own tenant.
   *
   * @param where names the route in the count of refusals
   * @throws ProblemException 401 without a valid session or key, 403 for a key without the scope `ingest`; counted
   */
  actorOf(request: IncomingMessage, where: string): Promise<Actor> {
    return this.identify(request, 'ingest', where);
  }

  private async identify(request: IncomingMessage, scope: Scope, where: string): Promise<Actor> {
    const presented = presentedKey(request);
    const token = presented ?? this.sessions.cookieToken(request);
    const session = token === null ? null : await this.sessions.verify(token);
    if (session) return { tenant: session.tenant, by: 'wallboard' };
    // Three parts: a session token that no longer holds, not an API key.
    if (token !== null && (presented === null || /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)))
      throw this.unknown(where, 'invalid_session', 'your session has ended: sign in again');
    if (token === null)
      throw this.unknown(where, 'no_session', 'sign in, or send an API key: Authorization: Bearer <key>');
    const { tenant, name } = this.keys.require(request, scope, where);
    return { tenant, by: `key:${name}` };
  }

  private unknown(where: string, reason: string, detail: string): ProblemException {
    this.refusals.inc({ where, reason });
    return new ProblemException(401, { detail, headers: { 'WWW-Authenticate': 'Bearer realm="queuecast"' } });
  }
}
