const SVG = 'http://www.w3.org/2000/svg';

type NodeMaker = Pick<Document, 'createElement' | 'createElementNS'>;

/** The browser's document. There is none on a server, which says what to write nodes on instead. */
let maker: NodeMaker = globalThis.document;
export const makeNodesWith = (other: NodeMaker): void => {
  maker = other;
};

/** An element whose class is also its part: what a page may style. */
export const element = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  part: string,
  ...children: readonly Node[]
): HTMLElementTagNameMap[Tag] => {
  const made = maker.createElement(tag);
  made.className = part;
  made.setAttribute('part', part);
  made.append(...children);
  return made;
};

/** An element that no page may style by itself. */
export const plain = <Tag extends keyof HTMLElementTagNameMap>(tag: Tag, text: string): HTMLElementTagNameMap[Tag] => {
  const made = maker.createElement(tag);
  made.textContent = text;
  return made;
};

/** Writing the same text again would still wake selection, translation and assistive technology. */
export const write = (node: HTMLElement, text: string): void => {
  if (node.textContent !== text) node.textContent = text;
};

/** Outlines on a grid of 16; a style sheet with images in it would need `img-src data:` in the page's policy. */
const ICONS = {
  info: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM8 7.2v4M8 4.7v.1',
  warning: 'M8 1.8 15 14H1L8 1.8ZM8 6.4v3.6M8 12v.1',
  critical: 'M5.2 1.5h5.6l3.7 3.7v5.6l-3.7 3.7H5.2l-3.7-3.7V5.2l3.7-3.7ZM8 4.6v4.2M8 11.2v.1',
  clock: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM8 4.4V8l2.4 1.6',
  phone:
    'M3.2 1.8h2.6l1.2 3.3-1.6 1.3a9 9 0 0 0 4.2 4.2l1.3-1.6 3.3 1.2v2.6c0 .8-.6 1.4-1.4 1.4A11 11 0 0 1 1.8 3.2c0-.8.6-1.4 1.4-1.4Z',
  pause: 'M5.2 3v10M10.8 3v10',
  play: 'M4.6 2.8 12.8 8l-8.2 5.2V2.8Z',
} as const;
export type IconName = keyof typeof ICONS;

const svg = (viewBox: string, ...children: readonly SVGElement[]): SVGSVGElement => {
  const made = maker.createElementNS(SVG, 'svg');
  made.setAttribute('viewBox', viewBox);
  made.setAttribute('aria-hidden', 'true');
  made.append(...children);
  return made;
};

const shape = (tag: 'path' | 'circle', attributes: Readonly<Record<string, string | number>>): SVGElement => {
  const made = maker.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
};

/** A picture that says nothing which the words beside it do not. */
export const icon = (name: IconName): SVGSVGElement => svg('0 0 16 16', shape('path', { d: ICONS[name] }));

/** Ten dots, `count` of them filled and the others rings. */
export const tenDots = (count: number): SVGSVGElement =>
  svg(
    '0 0 118 10',
    ...Array.from({ length: 10 }, (_, n) =>
      shape('circle', { cx: 5 + 12 * n, cy: 5, r: 3.75, class: n < count ? 'hit' : 'miss' }),
    ),
  );
