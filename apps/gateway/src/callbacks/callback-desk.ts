import { LogAwayError } from '@queuecast/event-log';
import { instant } from '@queuecast/events';
import { jsonBody, type ProblemException } from '@queuecast/http';
import type { Catalog, CatalogQueue } from '@queuecast/settings';
import { StoreAwayError } from '@queuecast/store';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Clock } from '../gateway.tokens.js';
import type { GatewayMetrics } from '../metrics.js';
import { statusJson, wishSchema, type WishBody } from './documents.js';
import type { CallbackGuard } from './guard.js';
import type { NoOffer, Offer } from './offers.js';
import { NotYetKnownError, type Promised, type Promises, type Swap } from './promises.js';
import { refusal, translated, type Word } from './words.js';

const REASONS: Readonly<Record<NoOffer | 'window', readonly [title: Word, detail: Word]>> = {
  never: ['notOffered', 'notOfferedNever'],
  short_wait: ['notOffered', 'notOfferedShort'],
  closed: ['notOffered', 'notOfferedClosed'],
  full: ['full', 'fullDetail'],
  window: ['invalid', 'windowUnknown'],
};

/** Where visitors' wishes are taken, whether they come from a queue's page or from a place in line. */
export class CallbackDesk {
  constructor(
    private readonly promises: Promises,
    private readonly guard: CallbackGuard,
    private readonly catalog: Catalog,
    private readonly metrics: GatewayMetrics,
    private readonly now: Clock,
  ) {}

  /** Takes a wish for a queue, in exchange for a place in line if one is given up. */
  async promise(
    queue: CatalogQueue,
    swap: Swap | null,
    language: string,
    request: Request,
    response: Response,
  ): Promise<void> {
    const { tenant, id } = queue;
    this.guard.takeAddress(request, tenant, language);
    const body = await this.body(request, wishSchema, language);
    this.guard.requireProof(tenant, id, body.proof, language);
    const number = this.numberOf(tenant, body, language);
    this.guard.takeNumber(tenant, this.promises.callerKey(tenant, number), language);
    const key = request.headers['idempotency-key'];
    const wish = {
      number,
      language,
      consent: this.consentOf(tenant, body, language),
      windowFrom: body.window ? instant(Date.parse(body.window.from)) : null,
      requestKey: typeof key === 'string' && key !== '' ? key.slice(0, 256) : null,
    };
    const promised = await this.patiently(language, () => this.promises.promise(queue, wish, swap));
    if (promised.kind === 'refused') throw this.notPromised(promised, language);
    this.metrics.callbackRequests.inc({ outcome: 'promised' });
    const document = statusJson(promised.token, queue, promised.row, this.now());
    response.setHeader('Location', document.status);
    response.status(201).json(document);
  }

  /** A body, validated; refused in the visitor's language. @throws ProblemException 400, 413 */
  async body<Schema extends z.ZodType>(request: Request, schema: Schema, language: string): Promise<z.output<Schema>> {
    try {
      return await jsonBody(request, schema);
    } catch (error) {
      this.metrics.callbackRequests.inc({ outcome: 'invalid' });
      throw translated(error, language);
    }
  }

  private numberOf(tenant: string, { number }: WishBody, language: string): string {
    const checked = this.promises.checkNumber(tenant, number);
    if (checked.kind === 'number') return checked.e164;
    const words = { invalid: 'numberInvalid', country: 'numberCountry', kind: 'numberKind' } as const;
    throw this.invalidField('number', words[checked.problem], language);
  }

  private consentOf(tenant: string, { consent }: WishBody, language: string): WishBody['consent'] {
    const known = this.catalog.tenant(tenant)?.callbacks.consent;
    if (known && known.version === consent.version && known.text[consent.language] !== undefined) return consent;
    throw this.invalidField('consent', 'consentMissing', language);
  }

  private invalidField(field: string, word: Word, language: string): ProblemException {
    this.metrics.callbackRequests.inc({ outcome: 'invalid' });
    const refused = refusal(language, 400, 'invalid', word);
    return refusal(language, 400, 'invalid', word, { errors: [{ field, message: refused.problem.detail ?? '' }] });
  }

  /** Why nothing was promised, and what is free. */
  notPromised(
    { reason, offer }: Pick<Extract<Promised, { kind: 'refused' }>, 'reason' | 'offer'>,
    language: string,
  ): ProblemException {
    this.metrics.callbackRequests.inc({ outcome: reason });
    const [title, detail] = reason === 'full' && !isAnyFree(offer) ? (['full', 'fullAll'] as const) : REASONS[reason];
    const windows = offer.windows.map(({ from, to, free }) => ({
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      free,
    }));
    return refusal(language, 409, title, detail, { extensions: { reason, windows } });
  }

  /** @throws ProblemException 503 while log or store are away: nothing was promised */
  async patiently<Result>(language: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof NotYetKnownError)
        throw refusal(language, 503, 'away', 'notYet', { headers: { 'Retry-After': '2' } });
      if (!(error instanceof LogAwayError || error instanceof StoreAwayError)) throw error;
      this.metrics.callbackRequests.inc({ outcome: 'away' });
      throw refusal(language, 503, 'away', 'awayDetail', { headers: { 'Retry-After': '5' } });
    }
  }
}

const isAnyFree = ({ windows }: Offer): boolean => windows.some(({ free }) => free);
