import { escaped } from './html.js';

const nameOf = (property: string): string => property.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/**
 * What the element's view writes its nodes on where there is no browser: as much of a DOM element as the view uses, and
 * the markup of it. So there is one structure, in the page as it comes and in the page when scripts have taken over.
 */
class Sheet {
  private readonly attributes = new Map<string, string>();
  private nodes: (Sheet | string)[] = [];
  readonly dataset: Record<string, string>;
  readonly part: { add(name: string): void };

  constructor(private readonly tag: string) {
    const { attributes } = this;
    this.dataset = new Proxy<Record<string, string>>(
      {},
      {
        set: (_, property, value: string) => {
          attributes.set(`data-${nameOf(String(property))}`, value);
          return true;
        },
      },
    );
    this.part = { add: (name) => attributes.set('part', `${attributes.get('part') ?? ''} ${name}`.trim()) };
  }

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }
  toggleAttribute(name: string, on: boolean): void {
    if (on) this.attributes.set(name, '');
    else this.attributes.delete(name);
  }
  append(...nodes: readonly Sheet[]): void {
    this.nodes.push(...nodes);
  }
  replaceChildren(...nodes: readonly Sheet[]): void {
    this.nodes = [...nodes];
  }
  /** Nobody clicks on paper. */
  addEventListener(): void {
    return undefined;
  }
  /** Those below that have one of the classes: `.name, .wait`. */
  querySelectorAll(selectors: string): Sheet[] {
    const wanted = selectors.split(',').map((selector) => selector.trim().slice(1));
    const below = this.nodes.filter((node) => typeof node !== 'string');
    return below.flatMap((node) => [
      ...(wanted.includes(node.className) ? [node] : []),
      ...node.querySelectorAll(selectors),
    ]);
  }

  get textContent(): string {
    return this.nodes.map((node) => (typeof node === 'string' ? node : node.textContent)).join('');
  }
  set textContent(text: string) {
    this.nodes = text === '' ? [] : [text];
  }
  get className(): string {
    return this.attributes.get('class') ?? '';
  }
  set className(value: string) {
    this.attributes.set('class', value);
  }
  get lang(): string {
    return this.attributes.get('lang') ?? '';
  }
  set lang(value: string) {
    this.attributes.set('lang', value);
  }
  get href(): string {
    return this.attributes.get('href') ?? '';
  }
  set href(value: string) {
    this.attributes.set('href', value);
  }
  set hidden(on: boolean) {
    this.toggleAttribute('hidden', on);
  }
  set dir(value: string) {
    this.attributes.set('dir', value);
  }
  set type(value: string) {
    this.attributes.set('type', value);
  }
  set title(value: string) {
    this.attributes.set('title', value);
  }
  set scope(value: string) {
    this.attributes.set('scope', value);
  }

  get markup(): string {
    const attributes = [...this.attributes].map(([name, value]) => ` ${name}="${escaped(value)}"`).join('');
    const within = this.nodes.map((node) => (typeof node === 'string' ? escaped(node) : node.markup)).join('');
    return `<${this.tag}${attributes}>${within}</${this.tag}>`;
  }
}

/** For `makeNodesWith`. */
export const paper = {
  createElement: (tag: string) => new Sheet(tag),
  createElementNS: (_namespace: string, tag: string) => new Sheet(tag),
} as unknown as Pick<Document, 'createElement' | 'createElementNS'>;

/** The markup of what was made on {@link paper}. */
export const markupOf = (node: Element): string => (node as unknown as Sheet).markup;
