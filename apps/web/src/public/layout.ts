import type { PageVisit } from '@queuecast/live';
import { escaped, fragment, type Html } from './html.js';
import { PAGE_LANGUAGES, type PageWords } from './words.js';

/** A page without what all have in common. */
export interface Layout {
  readonly title: string;
  /** Above the title: where one goes back to. */
  readonly above?: Html;
  readonly body: Html;
  /** Whether search engines may keep it. */
  readonly isPublic: boolean;
}

/** The page in other languages: links, so that it works without scripts. */
const languages = ({ path, query }: PageVisit, words: PageWords): Html => {
  const links = Object.entries(PAGE_LANGUAGES).map(([tag, { name }]) => {
    const address = `${path}?${new URLSearchParams({ ...query, lang: tag }).toString()}`;
    const current = tag === words.language && fragment` aria-current="true"`;
    return fragment`<a href="${address}" lang="${tag}" hreflang="${tag}"${current}>${name}</a>`;
  });
  return fragment`<nav aria-label="${words.say('languages')}">${links}</nav>`;
};

/**
 * The whole document.
 *
 * @param template the built `page.html`
 */
export const documentOf = (template: string, visit: PageVisit, words: PageWords, layout: Layout): string => {
  const { title, above, body, isPublic } = layout;
  const values: Readonly<Record<string, string>> = {
    language: escaped(words.locale),
    direction: words.direction,
    title: escaped(title),
  };
  const head = isPublic ? '' : '<meta name="robots" content="noindex" />';
  const content = fragment`<header class="masthead"><div class="masthead-inner">
<div>${above}<h1>${title}</h1></div>
${languages(visit, words)}
</div></header>
<main>${body}</main>
<footer class="footer"><p>${words.say('promise')}</p></footer>`.toString();
  // Replaced by functions: in a text, `$&` means nothing.
  return template
    .replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? '')
    .replace('<!--head-->', () => head)
    .replace('<!--body-->', () => content);
};
