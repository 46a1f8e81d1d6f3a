import { randomBytes } from 'node:crypto';
import { formBody, type ProblemException } from '@queuecast/http';
import type { CallbackForm, PageProblem, PromiseRecord, TenantPage } from '@queuecast/live';
import { Catalog, type CatalogQueue } from '@queuecast/settings';
import { StoreAwayError } from '@queuecast/store';
import { Controller, Get, Inject, Param, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Briefly } from '../callbacks/briefly.js';
import { CallbackDesk } from '../callbacks/callback-desk.js';
import { CallbackGuard } from '../callbacks/guard.js';
import { PromiseRecords } from '../callbacks/promise-record.js';
import { translated } from '../callbacks/words.js';
import { CLOCK, type Clock } from '../gateway.tokens.js';
import { PublicQueues } from '../public/public-queues.js';
import { PUBLIC_CACHING } from '../public/rendered.js';
import { comingHolidays } from './coming-holidays.js';
import { pageProblem } from './page-problem.js';
import { PageProblemFilter } from './page-problem.filter.js';
import { PageRenderer, type BuiltPage } from './page-renderer.js';

/** The same page is rendered once for all who ask for it within so long. */
const KEEP_MS = 1_000;
/** Pages that are kept: anybody may ask for any of a thousand locales. */
const KEPT_PAGES = 64;

/** What a visitor has filled in. */
type Filled = Pick<CallbackForm, 'key' | 'codeChallenge' | 'values' | 'problem'>;

const EMPTY = { codeChallenge: null, values: { number: '', window: '', consent: false }, problem: null };

/** The public page of a tenant, and the form in which a call back is asked for. */
@ApiExcludeController()
@UseFilters(PageProblemFilter)
@Controller()
export class TenantPagesController {
  private readonly built: Briefly<BuiltPage>;

  constructor(
    @Inject(PageRenderer) private readonly renderer: PageRenderer,
    @Inject(PublicQueues) private readonly queues: PublicQueues,
    @Inject(PromiseRecords) private readonly records: PromiseRecords,
    @Inject(CallbackDesk) private readonly desk: CallbackDesk,
    @Inject(CallbackGuard) private readonly guard: CallbackGuard,
    @Inject(Catalog) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly now: Clock,
  ) {
    this.built = new Briefly(now, KEPT_PAGES);
  }

  /** Where to go from the address of the gateway. */
  @Get()
  async directory(@Req() request: Request, @Res() response: Response): Promise<void> {
    const tenants = this.queues.list.value ?? [];
    const [only] = tenants;
    const [, search = ''] = /(\?.*)$/.exec(request.url) ?? [];
    if (only && tenants.length === 1) return response.redirect(302, `/t/${encodeURIComponent(only.tenant)}${search}`);
    const wanted = this.renderer.wanted(request);
    const visit = { wanted, path: '/', query: {}, now: this.now() };
    const page = await this.renderer.build(wanted, (pages) => pages.directory(visit, tenants));
    await this.renderer.send(request, response, page, { caching: PUBLIC_CACHING });
  }

  @Get('t/:tenant')
  async tenant(
    @Param('tenant') tenant: string,
    @Query('queue') asked: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const wanted = this.renderer.wanted(request);
    const queue = typeof asked === 'string' ? this.publicQueue(tenant, asked) : undefined;
    if (queue) return this.sendForm(queue, { ...EMPTY, key: newKey() }, 200, request, response);
    if (!this.queues.tenant(tenant)) return this.sendMissing(request, response);
    const { locale } = (await this.renderer.pages()).language(wanted);
    const page = await this.built.read(`${locale} ${tenant}`, KEEP_MS, () => this.build(tenant, [locale], null));
    await this.renderer.send(request, response, page, { caching: PUBLIC_CACHING });
  }

  /** Whoever reloads the answer to a form that was refused. */
  @Get('t/:tenant/callbacks')
  again(@Param('tenant') tenant: string, @Res() response: Response): void {
    response.redirect(303, `/t/${encodeURIComponent(tenant)}`);
  }

  @Post('t/:tenant/callbacks')
  async ask(@Param('tenant') tenant: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const language = await this.language(request);
    const sent = await formBody(request).catch((error: unknown) => {
      throw translated(error, language);
    });
    const field = (name: string): string => sent.get(name) ?? '';
    const queue = this.desk.publicQueue(tenant, field('queue'), language);
    const values = { number: field('number'), window: field('window'), consent: sent.has('consent') };
    const codeChallenge = field('codeChallenge') === '' || sent.has('newCode') ? null : field('codeChallenge');
    const key = field('key');
    const wish = {
      number: values.number,
      consent: values.consent ? { language: field('consentLanguage'), version: field('consentVersion') } : undefined,
      ...(values.window !== '' && { window: { from: values.window } }),
      ...(codeChallenge !== null && { code: { challenge: codeChallenge, code: field('code').trim() } }),
      ...(field('solution') !== '' && { proof: { challenge: field('challenge'), solution: field('solution') } }),
    };
    const read = () => this.desk.wish(tenant, wish, language);
    try {
      if (this.desk.isCodeNeeded(tenant) && codeChallenge === null) {
        const { number, proof } = read();
        const { challenge } = await this.desk.code(queue, language, request, () => ({ number, proof }));
        const filled = { key, codeChallenge: challenge, values, problem: null };
        return await this.sendForm(queue, filled, 200, request, response);
      }
      const { token } = await this.desk.take(queue, null, language, request, key, read);
      response.setHeader('Cache-Control', 'no-store');
      response.redirect(303, `/callbacks/${token}?${new URLSearchParams({ lang: language }).toString()}`);
    } catch (error) {
      const { headers, problem } = error as ProblemException;
      const { fields, ...told } = pageProblem(error);
      // What was wrong with anything but the code: whether it is still good is for the next try to show.
      const isSpent = problem.status === 403 && fields['code'] === undefined;
      const filled = { key, codeChallenge: isSpent ? null : codeChallenge, values, problem: { ...told, fields } };
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      await this.sendForm(queue, filled, problem.status, request, response);
    }
  }

  private async sendForm(
    queue: CatalogQueue,
    filled: Filled,
    status: number,
    request: Request,
    response: Response,
  ): Promise<void> {
    const form = await this.form(queue, filled, await this.language(request));
    const page = await this.build(queue.tenant, this.renderer.wanted(request), form);
    await this.renderer.send(request, response, page, { status });
  }

  private async sendMissing(request: Request, response: Response): Promise<void> {
    const wanted = this.renderer.wanted(request);
    const visit = { wanted, path: request.path, query: {}, now: this.now() };
    const page = await this.renderer.build(wanted, (pages) => pages.message(visit, { kind: 'noTenant' }));
    await this.renderer.send(request, response, page, { status: 404 });
  }

  private async build(tenant: string, wanted: readonly string[], form: CallbackForm | null): Promise<BuiltPage> {
    const now = this.now();
    const { name = tenant, queues = [] } = this.queues.tenant(tenant) ?? {};
    const page: TenantPage = {
      tenant,
      name,
      queues: queues.map(({ settings, document, outlook }) => ({
        document,
        outlook,
        holidays: comingHolidays(settings, now),
      })),
      record: await this.record(tenant),
      form,
    };
    const query: Readonly<Record<string, string>> = form ? { queue: form.queue } : {};
    const visit = { wanted, path: `/t/${encodeURIComponent(tenant)}`, query, now };
    return this.renderer.build(wanted, (pages) => pages.tenant(visit, page));
  }

  /** The form with what the queue can promise now; a form that was refused keeps what was filled in. */
  private async form(queue: CatalogQueue, filled: Filled, language: string): Promise<CallbackForm> {
    const { tenant, id, name, timeZone } = queue;
    const of = { queue: id, name, timeZone };
    let problem: PageProblem | null = filled.problem;
    try {
      const offer = await this.desk.offer(queue, language);
      const { consent, region } = this.catalog.tenant(tenant)!.callbacks;
      const puzzle = this.guard.challenge(tenant, id);
      return { ...of, ...filled, offer: { ...offer, consent, region, puzzle } };
    } catch (error) {
      problem ??= pageProblem(error);
      return { ...of, ...filled, problem, offer: null };
    }
  }

  /** The page does without it while the store is away. */
  private async record(tenant: string): Promise<PromiseRecord | null> {
    try {
      return (await this.records.of(tenant)) ?? null;
    } catch (error) {
      if (error instanceof StoreAwayError) return null;
      throw error;
    }
  }

  private publicQueue(tenant: string, id: string): CatalogQueue | undefined {
    return this.catalog.queues(tenant).find((queue) => queue.public && queue.id === id);
  }

  private async language(request: Request): Promise<string> {
    return (await this.renderer.pages()).language(this.renderer.wanted(request)).language;
  }
}

const newKey = (): string => randomBytes(12).toString('base64url');
