import { randomBytes, randomInt } from 'node:crypto';
import {
  CODE_DIGITS,
  NumberCodes,
  signWebhook,
  webhookSecret,
  type CodeChallenge,
  type CodeMessage,
  type CodeVerdict,
} from '@queuecast/callbacks';
import { postWebhook } from '@queuecast/http';
import type { Catalog } from '@queuecast/settings';
import { Logger } from '@nestjs/common';
import type { Clock } from '../gateway.tokens.js';

const MINUTE_MS = 60_000;
/** The visitor waits for it. */
const SEND_MS = 10_000;

/** The tenant's sender did not take a code: nothing was sent, as far as can be told. */
export class CodeNotSentError extends Error {
  override readonly name = 'CodeNotSentError';
}

interface Sender {
  readonly url: string;
  readonly secret: Uint8Array;
  readonly codes: NumberCodes;
}

/**
 * Sends codes to visitors' numbers by a program of the tenant, and judges what comes back. Number and code are in the message
 * to that program and nowhere else: not in the log of events, nor in ours.
 */
export class CodeSender {
  private readonly senders: ReadonlyMap<string, Sender>;
  private readonly logger = new Logger(CodeSender.name);

  /** @param key 32 bytes that are used for nothing else */
  constructor(
    catalog: Catalog,
    key: Uint8Array,
    private readonly now: Clock,
  ) {
    this.senders = new Map(
      catalog.tenants.flatMap(({ id, callbacks: { codes } }): [string, Sender][] => {
        if (codes?.secret === undefined) return [];
        const { url, secret, attempts, minutes } = codes;
        return [
          [id, { url, secret: webhookSecret(secret), codes: new NumberCodes(key, attempts, minutes * MINUTE_MS) }],
        ];
      }),
    );
  }

  /** Whether visitors of a tenant need a code. */
  isNeeded(tenant: string): boolean {
    return this.senders.has(tenant);
  }

  /**
   * Sends a code to a number, once: a visitor asks again sooner than a repetition would come.
   *
   * @param number E.164
   * @param callerKey stands for the number in the challenge
   * @throws CodeNotSentError
   */
  async send(tenant: string, number: string, callerKey: string, language: string): Promise<CodeChallenge> {
    const sender = this.senders.get(tenant);
    if (!sender) throw new Error(`${tenant} has no sender of codes`);
    const now = this.now();
    const code = String(randomInt(10 ** CODE_DIGITS)).padStart(CODE_DIGITS, '0');
    const challenge = sender.codes.challenge(purposeOf(tenant, callerKey), code, now, randomBytes(12));
    const id = `code-${randomBytes(12).toString('base64url')}`;
    const expiresAt = new Date(challenge.expiresAt).toISOString();
    const body = JSON.stringify({
      type: 'callback.code',
      timestamp: new Date(now).toISOString(),
      data: { tenant, number, code, language, expiresAt },
    } satisfies CodeMessage);
    const headers = { ...signWebhook(sender.secret, id, now, body), 'Idempotency-Key': id };
    try {
      await postWebhook({ url: sender.url, headers, body, signal: AbortSignal.timeout(SEND_MS) });
    } catch (error) {
      this.logger.warn(`the sender of codes of ${tenant} did not take one: ${(error as Error).message}`);
      throw new CodeNotSentError('the code could not be sent');
    }
    return challenge;
  }

  /** Whether a code is the one that was sent to the number. */
  judge(tenant: string, callerKey: string, given: { readonly challenge: string; readonly code: string }): CodeVerdict {
    const sender = this.senders.get(tenant);
    if (!sender) throw new Error(`${tenant} has no sender of codes`);
    return sender.codes.judge(purposeOf(tenant, callerKey), given.challenge, given.code, this.now());
  }
}

const purposeOf = (tenant: string, callerKey: string): string => JSON.stringify([tenant, callerKey]);
