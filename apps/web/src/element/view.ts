import { pickText, textLanguage } from '../language/words.js';
import { Announcer } from './announcer.js';
import type { QueueState } from './feed.js';
import { Hours } from './hours.js';
import { element, icon, tenDots, write } from './nodes.js';
import { Notices } from './notices.js';
import { bestTimePhrase, freshness, openingPhrase, waitPhrase } from './phrases.js';
import type { PublicWords } from './words.js';

export const VARIANTS = ['line', 'card', 'big'] as const;
export type Variant = (typeof VARIANTS)[number];

/** What a visitor can do, for the element to act on. */
export interface ViewActions {
  readonly expanded: (open: boolean) => void;
  readonly pause: () => void;
  readonly callback: (event: Event) => void;
}

export interface Shown {
  readonly state: QueueState;
  readonly words: PublicWords;
  /** The server's clock, milliseconds since the epoch. */
  readonly now: number;
  /** Since when the visitor has it stand still; null while it follows. */
  readonly pausedAt: number | null;
  /** The visitor's time zone; null if it is not known. */
  readonly ownZone: string | null;
  /** Where a call back can be asked for. */
  readonly callbackAddress: string;
}

/** What `<queue-wait>` shows; knows nothing of connections. One structure: the variants are the style sheet's affair. */
export class View {
  readonly root: HTMLElement;
  readonly #name = element('div', 'name');
  #opening = element('div', 'opening');
  readonly #label = element('div', 'label');
  readonly #wait = element('div', 'wait');
  readonly #recordText = element('span', 'record-text');
  readonly #record = element('div', 'record', this.#recordText);
  readonly #bestWhen = element('strong', 'best-when');
  readonly #bestWait = element('span', 'best-wait');
  readonly #best = element('div', 'best', icon('clock'), this.#bestWhen, this.#bestWait);
  readonly #callbackText = element('span', 'callback-text');
  readonly #callback = element('a', 'callback', icon('phone'), this.#callbackText);
  readonly #ageText = element('span', 'age-text');
  readonly #age = element('div', 'age', icon('warning'), this.#ageText);
  readonly #pause = element('button', 'pause');
  readonly #notices = new Notices();
  readonly #hours: Hours;
  readonly #announcer = new Announcer();
  #rightOf10: number | null = null;
  #isPaused: boolean | undefined;

  constructor({ expanded, pause, callback }: ViewActions) {
    this.#hours = new Hours(expanded);
    this.#pause.type = 'button';
    this.#pause.addEventListener('click', pause);
    this.#callback.addEventListener('click', callback);
    this.root = element(
      'div',
      'card',
      element('div', 'head', this.#name, this.#opening),
      element('div', 'figure', this.#label, this.#wait, this.#record),
      this.#notices.node,
      this.#best,
      this.#callback,
      this.#hours.node,
      element('div', 'foot', this.#age, this.#pause),
      this.#announcer.node,
    );
  }

  set variant(variant: Variant) {
    this.root.dataset['variant'] = variant;
  }

  /** Shows a sentence in place of a figure. */
  showMessage(text: string, words: PublicWords): void {
    this.#direct(words, { kind: 'message', open: 'closed', stale: false });
    for (const node of [this.#name, this.#opening, this.#label, this.#ageText]) write(node, '');
    for (const node of [this.#record, this.#best, this.#callback, this.#hours.node, this.#pause]) node.hidden = true;
    this.#notices.show([], words);
    this.#announcer.forget();
    this.#showWait(text);
  }

  show({ state: { queue, lostSince }, words, now, pausedAt, ownZone, callbackAddress }: Shown): void {
    if (!queue) return;
    const { stale, text } = freshness(queue, words, now, { lostSince, pausedAt, ownZone });
    this.#direct(words, { kind: queue.wait.kind, open: queue.opening.state, stale });
    const name = pickText(queue.name, words.language, queue.queue);
    const wait = waitPhrase(queue, words, now);
    write(this.#name, name);
    this.#name.lang = textLanguage(queue.name, words.language) ?? '';
    this.#showOpening(openingPhrase(queue, words, now), words);
    write(this.#label, queue.wait.kind === 'band' ? words.say('waitLabel') : '');
    this.#showWait(wait);
    this.#showRecord(queue.wait.kind === 'band' ? queue.rightOf10 : null, words);
    this.#notices.show(
      queue.notices.filter(({ until }) => until === null || until > now),
      words,
    );
    const best = stale ? null : bestTimePhrase(queue, words, now);
    this.#best.hidden = best === null;
    write(this.#bestWhen, best?.when ?? '');
    write(this.#bestWait, best?.wait ?? '');
    this.#callback.hidden = !queue.callbackOffered;
    if (this.#callback.href !== callbackAddress) this.#callback.href = callbackAddress;
    write(this.#callbackText, words.say('callback'));
    this.#hours.show(queue, words, now, ownZone);
    write(this.#ageText, text);
    this.#showPause(pausedAt !== null, words);
    if (pausedAt === null) this.#announcer.hear(name, wait, now);
  }

  /** The texts are in one direction, that of their language; the layout follows the page around. */
  #direct(words: PublicWords, { kind, open, stale }: { kind: string; open: string; stale: boolean }): void {
    if (this.root.lang !== words.language) {
      this.root.lang = words.language;
      this.#isPaused = undefined;
      this.#announcer.forget();
      for (const node of this.root.querySelectorAll<HTMLElement>(TEXTS)) node.dir = words.direction;
    }
    this.root.dataset['kind'] = kind;
    this.root.dataset['open'] = open;
    this.root.toggleAttribute('data-stale', stale);
  }

  /** It stands at the end of its line, so another text begins elsewhere: a new mark, rather than one that moves. */
  #showOpening(text: string, words: PublicWords): void {
    if (this.#opening.textContent === '') return write(this.#opening, text);
    if (this.#opening.textContent === text) return;
    const next = element('div', 'opening');
    next.dir = words.direction;
    next.textContent = text;
    this.#opening.replaceWith(next);
    this.#opening = next;
  }

  /** Numbers are set larger than the words between them. */
  #showWait(text: string): void {
    if (this.#wait.textContent === text) return;
    this.#wait.replaceChildren(
      ...text
        .split(/(\p{Nd}+)/u)
        .filter((piece) => piece !== '')
        .map((piece) => {
          const node = element('span', /^\p{Nd}/u.test(piece) ? 'number' : 'word');
          node.textContent = piece;
          return node;
        }),
    );
  }

  #showRecord(rightOf10: number | null, words: PublicWords): void {
    this.#record.hidden = rightOf10 === null;
    if (rightOf10 === null) return;
    write(this.#recordText, words.say('record', { right: rightOf10 }));
    this.#record.title = words.say('recordMeans', { right: rightOf10 });
    if (rightOf10 === this.#rightOf10) return;
    this.#rightOf10 = rightOf10;
    this.#record.replaceChildren(tenDots(rightOf10), this.#recordText);
  }

  #showPause(paused: boolean, words: PublicWords): void {
    this.#pause.hidden = false;
    if (paused === this.#isPaused) return;
    this.#isPaused = paused;
    const label = words.say(paused ? 'resume' : 'pause');
    this.#pause.setAttribute('aria-label', label);
    this.#pause.title = label;
    this.#pause.replaceChildren(icon(paused ? 'play' : 'pause'));
    this.root.toggleAttribute('data-paused', paused);
  }
}

const TEXTS =
  '.name, .opening, .label, .wait, .record-text, .best-when, .best-wait, .callback-text, .age-text, .details';
