/** Markup. Only {@link fragment} makes it, of literals, of markup, and of text that it escapes. */
export class Html {
  constructor(private readonly markup: string) {}
  toString(): string {
    return this.markup;
  }
}

/** What may stand in a template: text (escaped), numbers, markup, lists of these, and nothing. */
export type Piece = string | number | Html | null | undefined | false | readonly Piece[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it may stand in an element or in a quoted attribute. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

const written = (piece: Piece): string => {
  if (piece === null || piece === undefined || piece === false) return '';
  if (piece instanceof Html) return piece.toString();
  if (typeof piece === 'object') return piece.map(written).join('');
  return escaped(String(piece));
};

/** A template of markup: whatever is put in is text, unless it is markup itself. Attributes must be quoted. */
export const fragment = (literals: TemplateStringsArray, ...pieces: readonly Piece[]): Html =>
  new Html(literals.reduce((all, literal, n) => all + written(pieces[n - 1]) + literal));

/** JSON for a `<script type="application/json">`: nothing in it can end the element. */
export const jsonIn = (value: unknown): Html => new Html(JSON.stringify(value).replace(/</g, '\\u003c'));

/** Markup that was made elsewhere, of text that was escaped there. */
export const markup = (text: string): Html => new Html(text);
