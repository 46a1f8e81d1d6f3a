import type { PublicQueue } from '@queuecast/live';
import { element, plain, write } from './nodes.js';
import { hoursRows, needsZone } from './phrases.js';
import type { PublicWords } from './words.js';

/** The opening hours of the coming days, folded up. */
export class Hours {
  readonly #summary = element('summary', 'hours-title');
  readonly #table = element('table', 'hours');
  readonly #zone = element('p', 'zone');
  readonly node = element('details', 'details', this.#summary, this.#table, this.#zone);
  #shown = '';

  /** @param expanded called when they are folded out or in */
  constructor(expanded: (open: boolean) => void) {
    this.node.addEventListener('toggle', () => expanded(this.node.open));
    this.node.hidden = true;
  }

  /** @param ownZone the visitor's time zone; null if it is not known */
  show(queue: PublicQueue, words: PublicWords, now: number, ownZone: string | null): void {
    this.node.hidden = queue.hours.length === 0;
    const rows = hoursRows(queue, words, now);
    const key = JSON.stringify([words.locale, rows, ownZone]);
    if (key === this.#shown) return;
    this.#shown = key;
    write(this.#summary, words.say('hours'));
    const zone = queue.timeZone.replace(/_/g, ' ');
    write(this.#zone, needsZone(now, queue.timeZone, ownZone) ? words.say('hoursZone', { zone }) : '');
    this.#table.replaceChildren(
      ...rows.map(({ day, spans, today }) => {
        const row = plain('tr', '');
        row.toggleAttribute('data-today', today);
        const head = plain('th', day);
        head.scope = 'row';
        row.append(head, plain('td', spans));
        return row;
      }),
    );
  }
}
