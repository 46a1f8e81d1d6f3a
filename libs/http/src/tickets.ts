import { createHash, randomBytes } from 'node:crypto';
import type { TenantId } from '@queuecast/events';

const DAY_SECONDS = 86_400;
const MAX_TICKETS = 1_000;

/**
 * One-time sign-in tickets, as Jupyter prints at start: whoever opens the link first is signed in, and the link is spent.
 * Kept in memory as hashes, so that a restart voids them; a gateway knows only the tickets that it made itself.
 */
export class SignInTickets {
  private readonly tickets = new Map<string, { readonly tenant: TenantId; readonly expiresAt: number }>();

  constructor(private readonly now: () => number = Date.now) {}

  /** A ticket for one tenant, valid once within `ttlSeconds` (a day). Above 1,000 unspent ones the oldest is voided. */
  mint(tenant: TenantId, ttlSeconds = DAY_SECONDS): string {
    const ticket = randomBytes(32).toString('base64url');
    this.tickets.set(hash(ticket), { tenant, expiresAt: this.now() + ttlSeconds * 1000 });
    const [oldest] = this.tickets.keys();
    if (this.tickets.size > MAX_TICKETS && oldest !== undefined) this.tickets.delete(oldest);
    return ticket;
  }

  /** The path of a sign-in link: `/login?ticket=...`. */
  link(tenant: TenantId, ttlSeconds = DAY_SECONDS): string {
    return `/login?ticket=${this.mint(tenant, ttlSeconds)}`;
  }

  /** Spends a ticket: its tenant the first time, null ever after, and for one expired or unknown. */
  spend(ticket: string): TenantId | null {
    const key = hash(ticket);
    const found = this.tickets.get(key);
    if (!found) return null;
    this.tickets.delete(key);
    return found.expiresAt > this.now() ? found.tenant : null;
  }
}

const hash = (ticket: string): string => createHash('sha256').update(ticket).digest('base64url');
