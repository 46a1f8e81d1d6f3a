import { CODE_DIGITS, type CallbackRow, type CodeChallenge, type Links } from '@queuecast/callbacks';
import { LogAwayError } from '@queuecast/event-log';
import { instant } from '@queuecast/events';
import { jsonBody, validated, type ProblemException } from '@queuecast/http';
import type { Catalog, CatalogQueue } from '@queuecast/settings';
import { StoreAwayError } from '@queuecast/store';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Clock } from '../gateway.tokens.js';
import type { GatewayMetrics } from '../metrics.js';
import { CodeNotSentError, type CodeSender } from './code-sender.js';
import { codeWishSchema, statusJson, wishSchema, type CodeWish, type MoveBody, type WishBody } from './documents.js';
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

const NUMBER_WORDS = { invalid: 'numberInvalid', country: 'numberCountry', kind: 'numberKind' } as const;

/** A promise, and the queue that it is of. */
export interface KnownPromise {
  readonly queue: CatalogQueue;
  readonly row: CallbackRow;
}

/**
 * Where visitors' wishes are taken, whether they come from a program, from a page, or from a place in line. What is refused
 * is a problem document in the visitor's language.
 */
export class CallbackDesk {
  constructor(
    private readonly promises: Promises,
    private readonly guard: CallbackGuard,
    private readonly codes: CodeSender,
    private readonly links: Links,
    private readonly catalog: Catalog,
    private readonly metrics: GatewayMetrics,
    private readonly now: Clock,
  ) {}

  /** Takes a wish for a queue that was sent as JSON, in exchange for a place in line if one is given up. */
  async promise(
    queue: CatalogQueue,
    swap: Swap | null,
    language: string,
    request: Request,
    response: Response,
  ): Promise<void> {
    const header = request.headers['idempotency-key'];
    const key = typeof header === 'string' ? header : '';
    const read = (): Promise<WishBody> => this.body(request, wishSchema, language);
    const { token, row } = await this.take(queue, swap, language, request, key, read);
    const document = statusJson(token, queue, row, this.now());
    response.setHeader('Location', document.status);
    response.status(201).json(document);
  }

  /**
   * Takes a wish for a queue, however it was sent.
   *
   * @param key asked again with the same number and key it is the same promise; none if empty
   * @param read the wish, once its sender may ask at all
   * @throws ProblemException
   */
  async take(
    queue: CatalogQueue,
    swap: Swap | null,
    language: string,
    request: Request,
    key: string,
    read: () => WishBody | Promise<WishBody>,
  ): Promise<Extract<Promised, { kind: 'promised' }>> {
    const { tenant, id } = queue;
    this.guard.takeAddress(request, tenant, language);
    const body = await read();
    // Whoever has a code has solved the puzzle for it.
    if (!this.codes.isNeeded(tenant)) this.guard.requireProof(tenant, id, body.proof, language);
    const number = this.numberOf(tenant, body, language);
    const callerKey = this.promises.callerKey(tenant, number);
    this.requireCode(tenant, callerKey, body.code, language);
    this.guard.takeNumber(tenant, callerKey, language);
    const wish = {
      number,
      language,
      consent: this.consentOf(tenant, body, language),
      windowFrom: body.window ? instant(Date.parse(body.window.from)) : null,
      requestKey: key === '' ? null : key.slice(0, 256),
    };
    const promised = await this.patiently(language, () => this.promises.promise(queue, wish, swap));
    if (promised.kind === 'given_up') throw refusal(language, 409, 'notWaiting', 'notWaitingDetail');
    if (promised.kind === 'refused') throw this.notPromised(promised, language);
    this.metrics.callbackRequests.inc({ outcome: 'promised' });
    return promised;
  }

  /** Sends a code to the number that is asked for, as long as the queue can promise a call. */
  async sendCode(queue: CatalogQueue, language: string, request: Request, response: Response): Promise<void> {
    const read = (): Promise<CodeWish> => this.body(request, codeWishSchema, language);
    const { challenge, expiresAt } = await this.code(queue, language, request, read);
    response.status(202).json({ challenge, digits: CODE_DIGITS, expiresAt: new Date(expiresAt).toISOString() });
  }

  /** The same, however it was asked for. @throws ProblemException */
  async code(
    queue: CatalogQueue,
    language: string,
    request: Request,
    read: () => CodeWish | Promise<CodeWish>,
  ): Promise<CodeChallenge> {
    const { tenant, id } = queue;
    if (!this.codes.isNeeded(tenant)) throw refusal(language, 404, 'notFound', 'codeNotNeeded');
    this.guard.takeAddress(request, tenant, language, 'code');
    const body = await read();
    this.guard.requireProof(tenant, id, body.proof, language);
    const number = this.numberOf(tenant, body, language);
    const offer = await this.offer(queue, language);
    if (offer.reason !== null) throw this.notPromised({ reason: offer.reason, offer }, language);
    const callerKey = this.promises.callerKey(tenant, number);
    this.guard.takeNumber(tenant, callerKey, language, 'code');
    const sent = await this.codes.send(tenant, number, callerKey, language).catch((error: unknown) => {
      if (!(error instanceof CodeNotSentError)) throw error;
      this.metrics.callbackRequests.inc({ outcome: 'code_not_sent' });
      throw refusal(language, 503, 'away', 'codeNotSent', { headers: { 'Retry-After': '5' } });
    });
    this.metrics.callbackRequests.inc({ outcome: 'code_sent' });
    return sent;
  }

  /** Whether a code is needed for promises of a tenant. */
  isCodeNeeded(tenant: string): boolean {
    return this.codes.isNeeded(tenant);
  }

  /** What a queue can promise now. @throws ProblemException 503 */
  offer(queue: CatalogQueue, language: string): Promise<Offer> {
    return this.patiently(language, () => this.promises.offer(queue));
  }

  /** The promise of a link. @throws ProblemException 404, 503 */
  async show(token: string, language: string): Promise<KnownPromise> {
    const { link, queue } = this.linked(token, language);
    return { queue, row: await this.patiently(language, () => this.promises.show(link)) };
  }

  /** Moves the promise of a link. @param read to which window @throws ProblemException */
  async move(
    token: string,
    language: string,
    request: Request,
    read: () => MoveBody | Promise<MoveBody>,
  ): Promise<KnownPromise> {
    const { link, queue } = this.linked(token, language);
    this.guard.takeAddress(request, queue.tenant, language);
    const { window } = await read();
    const changed = await this.patiently(language, () =>
      this.promises.move(queue, link, instant(Date.parse(window.from))),
    );
    if (changed.kind === 'over') throw refusal(language, 409, 'over', 'overDetail');
    if (changed.kind === 'window') throw this.notPromised({ reason: 'full', offer: changed.offer }, language);
    this.metrics.callbackRequests.inc({ outcome: 'moved' });
    return { queue, row: changed.row };
  }

  /** Cancels the promise of a link. @throws ProblemException 404, 409, 503 */
  async cancel(token: string, language: string): Promise<KnownPromise> {
    const { link, queue } = this.linked(token, language);
    const changed = await this.patiently(language, () => this.promises.cancel(queue, link));
    if (changed.kind !== 'changed') throw refusal(language, 409, 'over', 'overDetail');
    this.metrics.callbackRequests.inc({ outcome: 'cancelled' });
    return { queue, row: changed.row };
  }

  /** @throws ProblemException 404: the same for a queue that does not exist and for one that is private */
  publicQueue(tenant: string, id: string, language: string): CatalogQueue {
    const queue = this.catalog.queue(tenant, id);
    if (this.catalog.tenant(tenant) && queue.configured && queue.public) return queue;
    throw refusal(language, 404, 'notFound', 'queueUnknown');
  }

  private linked(token: string, language: string) {
    const link = this.links.read(token);
    const queue =
      link?.of === 'callback' &&
      this.catalog.tenant(link.tenant) &&
      this.catalog.queue(link.tenant, link.queue, link.site);
    if (link?.of !== 'callback' || !queue) throw refusal(language, 404, 'notFound', 'linkUnknown');
    return { link, queue };
  }

  /** A body, validated; refused in the visitor's language. @throws ProblemException 400, 413 */
  async body<Schema extends z.ZodType>(request: Request, schema: Schema, language: string): Promise<z.output<Schema>> {
    try {
      return await jsonBody(request, schema);
    } catch (error) {
      throw this.invalid(error, language);
    }
  }

  /** What a form says, validated as a body is. @throws ProblemException 400 */
  fields<Schema extends z.ZodType>(value: unknown, schema: Schema, language: string): z.output<Schema> {
    try {
      return validated(value, schema);
    } catch (error) {
      throw this.invalid(error, language);
    }
  }

  /** What a form says of a wish: a person is told at once of all that is wrong, the number with the rest. @throws ProblemException 400 */
  wish(tenant: string, value: unknown, language: string): WishBody {
    const number = wishSchema.shape.number.superRefine((typed, context) => {
      const checked = this.promises.checkNumber(tenant, typed);
      if (checked.kind === 'problem') context.addIssue({ code: 'custom', message: NUMBER_WORDS[checked.problem] });
    });
    return this.fields(value, wishSchema.extend({ number }), language);
  }

  private invalid(error: unknown, language: string): unknown {
    this.metrics.callbackRequests.inc({ outcome: 'invalid' });
    return translated(error, language);
  }

  /** @throws ProblemException 403 where a code is needed and this is not it */
  private requireCode(tenant: string, callerKey: string, given: WishBody['code'], language: string): void {
    if (!this.codes.isNeeded(tenant)) return;
    const verdict = given ? this.codes.judge(tenant, callerKey, given) : 'missing';
    if (verdict === 'right') return;
    this.metrics.callbackRequests.inc({ outcome: `code_${verdict}` });
    const words = { missing: 'codeMissing', wrong: 'codeWrong', expired: 'codeExpired', spent: 'codeExpired' } as const;
    throw refusal(language, 403, 'code', words[verdict], { extensions: { reason: `code_${verdict}` } });
  }

  private numberOf(tenant: string, { number }: Pick<WishBody, 'number'>, language: string): string {
    const checked = this.promises.checkNumber(tenant, number);
    if (checked.kind === 'number') return checked.e164;
    throw this.invalidField('number', NUMBER_WORDS[checked.problem], language);
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
  private notPromised(
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
