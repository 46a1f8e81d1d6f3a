import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { tenantId, type TenantId } from '@queuecast/events';
import type { Settings } from '@queuecast/settings';
import type { Metrics } from './metrics.js';
import { ProblemException } from './problem.js';

export type Scope = Settings['tenants'][number]['apiKeys'][number]['scopes'][number];

/** Whom an API key speaks for, and what it may do. */
export interface ApiKeyHolder {
  readonly tenant: TenantId;
  readonly name: string;
  readonly scopes: readonly Scope[];
}

const digestOf = (key: string): Buffer => createHash('sha256').update(key, 'utf8').digest();

/** The key a request presents: `Authorization: Bearer K`, or `X-Api-Key: K`; null if it has none. */
export const presentedKey = (request: IncomingMessage): string | null => {
  const bearer = request.headers.authorization;
  if (bearer !== undefined) return /^Bearer +(\S+) *$/i.exec(bearer)?.[1] ?? null;
  const header = request.headers['x-api-key'];
  return typeof header === 'string' && header !== '' ? header.trim() : null;
};

/** The API keys of the configuration, by the SHA-256 of the key; the keys themselves are not kept. */
export class ApiKeys {
  private readonly holders = new Map<string, { readonly digest: Buffer; readonly holder: ApiKeyHolder }[]>();

  /**
   * @param settings as loaded: every key has its `sha256`
   * @throws Error naming tenant and key if it has none, or if two keys are the same
   */
  constructor(
    settings: Pick<Settings, 'tenants'>,
    private readonly metrics: Metrics,
  ) {
    for (const tenant of settings.tenants)
      for (const key of tenant.apiKeys) {
        if (!key.sha256)
          throw new Error(
            `API key ${key.name} of tenant ${tenant.id} has no sha256: load the settings before using them`,
          );
        this.add(Buffer.from(key.sha256, 'hex'), { tenant: tenantId(tenant.id), name: key.name, scopes: key.scopes });
      }
  }

  private add(digest: Buffer, holder: ApiKeyHolder): void {
    const shelf = shelfOf(digest);
    const others = this.holders.get(shelf) ?? [];
    if (others.some((other) => other.digest.equals(digest)))
      throw new Error(`API key ${holder.name} of tenant ${holder.tenant} is used twice: give every key its own value`);
    this.holders.set(shelf, [...others, { digest, holder }]);
  }

  /** Whose key this is; null if nobody's. */
  holderOf(key: string): ApiKeyHolder | null {
    const digest = digestOf(key);
    // The shelf is found by two bytes of the hash; on it, every candidate is compared in constant time.
    let found: ApiKeyHolder | null = null;
    for (const candidate of this.holders.get(shelfOf(digest)) ?? [])
      if (timingSafeEqual(candidate.digest, digest)) found = candidate.holder;
    return found;
  }

  /**
   * The holder of the key that a request presents, who must have `scope`.
   *
   * @param where names the route in the count of refusals
   * @throws ProblemException 401 without a valid key, 403 if it lacks the scope; both counted
   */
  require(request: IncomingMessage, scope: Scope, where: string): ApiKeyHolder {
    const key = presentedKey(request);
    const holder = key === null ? null : this.holderOf(key);
    if (!holder) {
      this.metrics.refusals.inc({ where, reason: key === null ? 'no_key' : 'unknown_key' });
      throw new ProblemException(401, {
        detail:
          key === null
            ? 'send an API key: Authorization: Bearer <key>, or X-Api-Key: <key>'
            : 'this API key is not known here: compare its SHA-256 with apiKeys in the configuration',
        headers: { 'WWW-Authenticate': 'Bearer realm="queuecast"' },
      });
    }
    if (!holder.scopes.includes(scope)) {
      this.metrics.refusals.inc({ where, reason: 'scope' });
      throw new ProblemException(403, {
        detail: `API key ${holder.name} lacks the scope ${scope}: add it to its scopes in the configuration`,
      });
    }
    return holder;
  }
}

const shelfOf = (digest: Buffer): string => digest.subarray(0, 2).toString('hex');
