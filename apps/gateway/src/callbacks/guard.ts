import { randomBytes } from 'node:crypto';
import { ProofOfWork, RateLimits, type Challenge, type KeyedHash } from '@queuecast/callbacks';
import type { Catalog } from '@queuecast/settings';
import { Logger } from '@nestjs/common';
import type { Request } from 'express';
import type { Clock } from '../gateway.tokens.js';
import type { GatewayMetrics } from '../metrics.js';
import { refusal } from './words.js';
import { networkOf, visitorAddress } from './visitor-address.js';

interface TenantLimits {
  readonly byAddress: RateLimits;
  readonly byNumber: RateLimits;
  readonly proof: ProofOfWork | null;
}

/** What somebody asks for: each is limited for itself. */
export type Asked = 'promise' | 'code';

/**
 * What keeps promises from being asked for by machines or for others: limits by address and by number, and work for the
 * visitor's browser where the tenant asks for it. Addresses and numbers are held as keyed hashes, in memory only.
 */
export class CallbackGuard {
  private readonly logger = new Logger('callbacks');
  private readonly tenants: ReadonlyMap<string, TenantLimits>;
  private isWarned = false;

  constructor(
    catalog: Catalog,
    private readonly proxies: number,
    private readonly hash: KeyedHash,
    proofKey: Uint8Array,
    private readonly metrics: GatewayMetrics,
    private readonly now: Clock,
  ) {
    this.tenants = new Map(
      catalog.tenants.map(({ id, callbacks }) => {
        const { perAddressPerHour, perNumberPerDay, proofOfWorkBits } = callbacks;
        return [
          id,
          {
            byAddress: new RateLimits({ burst: perAddressPerHour, perHour: perAddressPerHour }),
            byNumber: new RateLimits({ burst: perNumberPerDay, perHour: perNumberPerDay / 24 }),
            proof: proofOfWorkBits === 0 ? null : new ProofOfWork(proofKey, proofOfWorkBits),
          },
        ];
      }),
    );
  }

  /** A puzzle for this queue; null where the tenant asks for none. */
  challenge(tenant: string, queue: string): Challenge | null {
    return this.tenants.get(tenant)?.proof?.challenge(`${tenant}/${queue}`, this.now(), randomBytes(12)) ?? null;
  }

  /** @throws ProblemException 429 */
  takeAddress(request: Request, tenant: string, language: string, asked: Asked = 'promise'): void {
    if (this.proxies === 0 && request.headers['x-forwarded-for'] !== undefined) this.warn();
    const network = networkOf(visitorAddress(request, this.proxies));
    const key = `${asked}/${this.hash.of('address', network)}`;
    this.take(this.tenants.get(tenant)?.byAddress, key, language, 'address');
  }

  /** @throws ProblemException 429, the same as by address */
  takeNumber(tenant: string, callerKey: string, language: string, asked: Asked = 'promise'): void {
    this.take(this.tenants.get(tenant)?.byNumber, `${asked}/${callerKey}`, language, 'number');
  }

  /** @throws ProblemException 403 with a new puzzle */
  requireProof(
    tenant: string,
    queue: string,
    proof: { readonly challenge: string; readonly solution: string } | undefined,
    language: string,
  ): void {
    const verdict = this.tenants
      .get(tenant)
      ?.proof?.spend(`${tenant}/${queue}`, proof?.challenge, proof?.solution, this.now());
    if (verdict === undefined || verdict === 'solved') return;
    this.metrics.callbackRequests.inc({ outcome: 'proof' });
    throw refusal(language, 403, 'proof', 'proofDetail', {
      extensions: { proofOfWork: this.challenge(tenant, queue) },
    });
  }

  private warn(): void {
    if (this.isWarned) return;
    this.isWarned = true;
    this.logger.warn(
      'a visitor came through a proxy, and server.proxies is 0: all who do share one limit by address; set it to how many proxies of yours stand in front',
    );
  }

  private take(limits: RateLimits | undefined, key: string, language: string, by: 'address' | 'number'): void {
    const waitMs = limits?.take(key, this.now()) ?? 0;
    if (waitMs === 0) return;
    this.metrics.callbackRequests.inc({ outcome: `limited_by_${by}` });
    const headers = { 'Retry-After': String(Math.ceil(waitMs / 1000)) };
    throw refusal(language, 429, 'tooMany', 'tooManyDetail', { headers });
  }
}
