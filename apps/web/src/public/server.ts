import type { CreatePages } from '@queuecast/live';
import { callbackLayout } from './callback-page.js';
import { CARD_STYLE } from './card.js';
import { fragment } from './html.js';
import { documentOf } from './layout.js';
import { problemBox } from './problem.js';
import { tenantLayout } from './tenant-page.js';
import { pageWords } from './words.js';

/** The pages as the gateway sends them: pure functions of what it hands over. */
export const createPages: CreatePages = (template) => ({
  inlineStyles: [CARD_STYLE],
  language: (wanted) => {
    const { language, locale } = pageWords(wanted);
    return { language, locale };
  },
  directory: (visit, tenants) => {
    const words = pageWords(visit.wanted);
    const lang = new URLSearchParams({ lang: words.language }).toString();
    const links = tenants.map(
      ({ tenant, name }) => fragment`<li><a href="${`/t/${encodeURIComponent(tenant)}?${lang}`}">${name}</a></li>`,
    );
    return documentOf(template, visit, words, {
      title: words.say('title'),
      isPublic: true,
      body: links.length > 0 ? fragment`<ul class="directory">${links}</ul>` : message(words.say('noQueues')),
    });
  },
  tenant: (visit, page) => {
    const words = pageWords(visit.wanted);
    return documentOf(template, visit, words, tenantLayout(visit, page, words));
  },
  callback: (visit, page) => {
    const words = pageWords(visit.wanted);
    return documentOf(template, visit, words, callbackLayout(visit, page, words));
  },
  message: (visit, about) => {
    const words = pageWords(visit.wanted);
    return documentOf(template, visit, words, {
      title: words.say('title'),
      isPublic: false,
      body: about.kind === 'problem' ? problemBox({ ...about, fields: {} }) : message(words.say('noTenant')),
    });
  },
});

const message = (text: string) => fragment`<p class="message">${text}</p>`;
