type Attributes = Readonly<Record<string, string | undefined>>;

/** What a website is to show; see the attributes of `<queue-wait>`. */
export interface SnippetRequest {
  /** Origin and path of the gateway, without a slash at the end. */
  readonly server: string;
  readonly version: string;
  readonly integrity: string;
  readonly tenant: string;
  readonly queue: string;
  /** More attributes of the element, in order; what is undefined is left out. */
  readonly attributes: Attributes;
  /** What the link says that is shown where scripts are off. */
  readonly linkText: string;
}

/** `GET /element/snippet.json`. */
export interface Snippet {
  readonly tenant: string;
  readonly queue: string;
  /** Address of the script: it names these bytes, and never others. */
  readonly src: string;
  readonly integrity: string;
  /** What to paste into a page. */
  readonly html: string;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');

const attributesOf = (attributes: Attributes): string =>
  Object.entries(attributes)
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${escaped(value)}"`))
    .join('');

/** The one script tag, the element, and the link for those who have scripts off. */
export const snippetOf = (request: SnippetRequest): Snippet => {
  const { server, version, integrity, tenant, queue, attributes, linkText } = request;
  const src = `${server}/element/${version}/queue-wait.js`;
  const { lang } = attributes;
  const page = `${server}/t/${encodeURIComponent(tenant)}${lang === undefined ? '' : `?lang=${encodeURIComponent(lang)}`}`;
  const html = [
    `<script${attributesOf({ src, integrity, crossorigin: 'anonymous' })} defer></script>`,
    `<queue-wait${attributesOf({ tenant, queue, ...attributes })}></queue-wait>`,
    `<noscript><a${attributesOf({ href: page })}>${escaped(linkText)}</a></noscript>`,
    '',
  ].join('\n');
  return { tenant, queue, src, integrity, html };
};
