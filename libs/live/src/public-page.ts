import type { PublicOutlook } from './outlook.js';
import type { PublicQueue } from './frames.js';

/**
 * What the gateway hands to whoever renders the public pages, and gets back. The words and the markup are the pages'; what
 * is so, and who may see it, is the gateway's. Instants are milliseconds since the epoch.
 */
export interface PageVisit {
  /** Language tags in order of wish. */
  readonly wanted: readonly string[];
  /** Path of the page itself, for its links to itself in other languages. */
  readonly path: string;
  /** Its parameters, but for the language. */
  readonly query: Readonly<Record<string, string>>;
  readonly now: number;
}

/** What is wrong with what a visitor sent, in his language, beside the field that it concerns where it concerns one. */
export interface PageProblem {
  readonly title: string;
  readonly detail: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** An hour in which a call back can be promised, or cannot any more. */
export interface CallbackWindow {
  readonly from: number;
  readonly to: number;
  readonly free: boolean;
}

/** What a queue can promise now, and what it asks for in return. */
export interface CallbackOffer {
  readonly reason: 'never' | 'short_wait' | 'closed' | 'full' | null;
  readonly dueAt: number | null;
  readonly windows: readonly CallbackWindow[];
  readonly consent: { readonly version: string; readonly text: Readonly<Record<string, string>> };
  /** Country (ISO 3166-1) whose national numbers are understood. */
  readonly region: string;
  /** A puzzle for the visitor's browser, where the tenant asks for one. */
  readonly puzzle: { readonly challenge: string; readonly bits: number } | null;
}

/** The form in which a visitor asks for a call back, with what he has filled in before. */
export interface CallbackForm {
  readonly queue: string;
  readonly name: Readonly<Record<string, string>>;
  readonly timeZone: string;
  /** Null while it cannot be read; `problem` says so. */
  readonly offer: CallbackOffer | null;
  /** The same form sent twice is one promise. */
  readonly key: string;
  /** What belongs to the code that was sent to the number; null before, and where none is needed. */
  readonly codeChallenge: string | null;
  readonly values: { readonly number: string; readonly window: string; readonly consent: boolean };
  readonly problem: PageProblem | null;
}

/** How a tenant has kept its promises of a call back; a count that could point at one person is null. */
export interface PromiseRecord {
  readonly tenant: string;
  readonly days: number;
  /** Promises of public queues that fell due; null for fewer than ten. */
  readonly due: number | null;
  /** Of these: kept in time. */
  readonly kept: number | null;
  /** Of these: kept too late. */
  readonly late: number | null;
  /** Of these: not kept. */
  readonly broken: number | null;
}

/** One queue on the page of its tenant. */
export interface PageQueue {
  readonly document: PublicQueue;
  readonly outlook: PublicOutlook;
  /** Coming dates on which it is closed though the weekday is not, as in `2026-12-25`. */
  readonly holidays: readonly string[];
}

/** `GET /t/:tenant`. */
export interface TenantPage {
  readonly tenant: string;
  readonly name: string;
  readonly queues: readonly PageQueue[];
  /** Null while it cannot be read. */
  readonly record: PromiseRecord | null;
  /** Null unless a visitor asks for a call back. */
  readonly form: CallbackForm | null;
}

/** `GET /callbacks/:token`: a promise, for whoever has its link. */
export interface CallbackPage {
  readonly tenant: string;
  readonly tenantName: string;
  readonly queue: string;
  readonly name: Readonly<Record<string, string>>;
  readonly timeZone: string;
  readonly state: 'promised' | 'overdue' | 'kept' | 'cancelled' | 'withdrawn';
  readonly dueAt: number;
  readonly window: { readonly from: number; readonly to: number } | null;
  /** How often a call was tried. */
  readonly attempts: number;
  readonly closedAt: number | null;
  /** Whether it can still be moved or cancelled. */
  readonly canChange: boolean;
  /** To which it can be moved. */
  readonly windows: readonly CallbackWindow[];
  readonly problem: PageProblem | null;
}

/** What a visitor is told in place of a page. */
export type PageMessage =
  /** There is no such tenant, or it has no public queue. */
  | { readonly kind: 'noTenant' }
  /** What went wrong, in his language. */
  | { readonly kind: 'problem'; readonly title: string; readonly detail: string };

/** In which language a visitor is answered. */
export interface PageLanguage {
  /** A language that there is a file of. */
  readonly language: string;
  /** The same with the visitor's region, where he names one: how dates are written. */
  readonly locale: string;
}

/** Renders the public pages, as whole documents: `server/page.mjs` of the built pages, of which `createPages` makes one. */
export interface PublicPages {
  /** What stands in `<style>`, for the policy to name by its hash. */
  readonly inlineStyles: readonly string[];
  language(wanted: readonly string[]): PageLanguage;
  /** `GET /`: tenants that have a public queue. */
  directory(visit: PageVisit, tenants: readonly { readonly tenant: string; readonly name: string }[]): string;
  tenant(visit: PageVisit, page: TenantPage): string;
  callback(visit: PageVisit, page: CallbackPage): string;
  message(visit: PageVisit, message: PageMessage): string;
}

/** @param template the built `page.html` */
export type CreatePages = (template: string) => PublicPages;
