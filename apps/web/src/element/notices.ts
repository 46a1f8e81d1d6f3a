import type { Notice } from '@queuecast/live';
import { pickText, textLanguage } from '../language/words.js';
import { element, icon } from './nodes.js';
import type { PublicWords } from './words.js';

/** What is known to be wrong, the gravest first: how grave is told by a word and a shape, and only then by a colour. */
export class Notices {
  readonly node = element('ul', 'notices');
  #shown = '';

  show(notices: readonly Notice[], words: PublicWords): void {
    const key = JSON.stringify([words.language, notices]);
    if (key === this.#shown) return;
    this.#shown = key;
    this.node.replaceChildren(
      ...notices.map(({ severity, text }) => {
        const grave = element('strong', 'severity');
        grave.textContent = words.say(`severity_${severity}`);
        const said = element('span', 'notice-text');
        said.textContent = pickText(text, words.language);
        // It may be in another language than the words around it.
        said.lang = textLanguage(text, words.language) ?? '';
        said.dir = 'auto';
        grave.dir = words.direction;
        const notice = element('li', 'notice', icon(severity), grave, said);
        notice.dataset['severity'] = severity;
        notice.part.add(severity);
        return notice;
      }),
    );
  }
}
