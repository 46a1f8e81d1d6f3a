import { pickText } from '../language/words.js';
import type { QueueState } from './feed.js';
import { bestTimePhrase, freshness, hoursRows, needsZone, openingPhrase, waitPhrase } from './phrases.js';
import type { PublicWords } from './words.js';

const element = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  part: string,
  ...children: readonly Node[]
): HTMLElementTagNameMap[Tag] => {
  const made = document.createElement(tag);
  made.className = part;
  made.setAttribute('part', part);
  made.append(...children);
  return made;
};

/** Writing the same text again would still wake selection, translation and assistive technology. */
const write = (node: HTMLElement, text: string): void => {
  if (node.textContent !== text) node.textContent = text;
};

const STATUS_MS = 60_000;

/** What `<queue-wait>` shows; knows nothing of connections. */
export class View {
  readonly root: HTMLElement;
  readonly #name = element('div', 'name');
  readonly #opening = element('div', 'opening');
  readonly #label = element('div', 'label');
  readonly #wait = element('div', 'wait');
  readonly #best = element('div', 'best');
  readonly #notices = element('ul', 'notices');
  readonly #summary = element('summary', 'hours-title');
  readonly #hours = element('table', 'hours');
  readonly #zone = element('p', 'zone');
  readonly #details = element('details', 'details', this.#summary, this.#hours, this.#zone);
  readonly #age = element('div', 'age');
  readonly #status = element('div', 'status');
  #shownHours = '';
  #shownNotices = '';
  #spoken = '';
  #spokenAt = Number.NEGATIVE_INFINITY;

  /** @param expanded called when the opening hours are opened or closed */
  constructor(expanded: (open: boolean) => void) {
    this.#details.addEventListener('toggle', () => expanded(this.#details.open));
    this.#status.setAttribute('role', 'status');
    this.#details.hidden = true;
    const head = element('div', 'head', this.#name, this.#opening);
    this.root = element(
      'div',
      'card',
      head,
      this.#label,
      this.#wait,
      this.#best,
      this.#notices,
      this.#details,
      this.#age,
    );
    this.root.append(this.#status);
  }

  /** Shows a sentence in place of a figure. */
  showMessage(text: string, words: PublicWords): void {
    this.#direct(words, 'none', 'closed', false);
    for (const node of [this.#name, this.#opening, this.#label, this.#best, this.#age]) write(node, '');
    this.#details.hidden = true;
    write(this.#wait, text);
  }

  /** @param now the server's clock, milliseconds since the epoch */
  show({ queue, lostSince }: QueueState, words: PublicWords, now: number): void {
    if (!queue) return;
    const { stale, text } = freshness(queue, words, now, lostSince);
    this.#direct(words, queue.wait.kind, queue.opening.state, stale);
    const name = pickText(queue.name, words.language, queue.queue);
    const wait = waitPhrase(queue, words);
    const opening = openingPhrase(queue, words, now);
    write(this.#name, name);
    write(this.#opening, opening);
    write(this.#label, queue.wait.kind === 'band' ? words.say('waitLabel') : '');
    write(this.#wait, wait);
    write(this.#best, stale ? '' : bestTimePhrase(queue, words, now));
    write(this.#age, text);
    this.#showNotices(
      queue.notices.filter(({ until }) => until === null || until > now),
      words,
    );
    this.#showHours(queue, words, now);
    this.#speak(stale ? `${name}. ${text}` : `${name}. ${wait}. ${opening}`, now);
  }

  #direct(words: PublicWords, kind: 'band' | 'none', open: 'open' | 'closed', stale: boolean): void {
    this.root.lang = words.language;
    this.root.dir = words.direction;
    this.root.dataset['kind'] = kind;
    this.root.dataset['open'] = open;
    this.root.toggleAttribute('data-stale', stale);
  }

  #showNotices(notices: NonNullable<QueueState['queue']>['notices'], words: PublicWords): void {
    const texts = notices.map(({ severity, text }) => ({ severity, text: pickText(text, words.language) }));
    const key = JSON.stringify([words.language, texts]);
    if (key === this.#shownNotices) return;
    this.#shownNotices = key;
    this.#notices.replaceChildren(
      ...texts.map(({ severity, text }) => {
        const mark = element('span', 'severity');
        mark.textContent = words.say(`severity_${severity}`);
        const notice = element('li', 'notice', mark, document.createTextNode(` ${text}`));
        notice.dataset['severity'] = severity;
        return notice;
      }),
    );
  }

  #showHours(queue: NonNullable<QueueState['queue']>, words: PublicWords, now: number): void {
    this.#details.hidden = queue.hours.length === 0;
    const rows = hoursRows(queue, words, now);
    const key = JSON.stringify([words.locale, rows]);
    if (key === this.#shownHours) return;
    this.#shownHours = key;
    write(this.#summary, words.say('hours'));
    const ownZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
    const zone = queue.timeZone.replace(/_/g, ' ');
    write(this.#zone, needsZone(now, queue.timeZone, ownZone) ? words.say('hoursZone', { zone }) : '');
    this.#hours.replaceChildren(
      ...rows.map(({ day, spans, today }) => {
        const row = document.createElement('tr');
        row.toggleAttribute('data-today', today);
        const head = document.createElement('th');
        head.scope = 'row';
        head.textContent = day;
        row.append(head, Object.assign(document.createElement('td'), { textContent: spans }));
        return row;
      }),
    );
  }

  /** A screen reader hears a change at most once a minute: the figures themselves are no live region. */
  #speak(text: string, now: number): void {
    if (text === this.#spoken || now - this.#spokenAt < STATUS_MS) return;
    this.#spoken = text;
    this.#spokenAt = now;
    write(this.#status, text);
  }
}
