/** One text, or one per plural category of the language. `{name}` stands for a value. */
export type Message = string | (Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string });

/** The messages of one language, and the direction it is written in. */
export interface Dictionary<Key extends string> {
  readonly direction: 'ltr' | 'rtl';
  /** The language's own name for itself. */
  readonly name: string;
  readonly messages: Readonly<Record<Key, Message>>;
}

/** Values for the placeholders of a message; `count` also chooses the plural form. */
export type Values = Readonly<Record<string, string | number>>;

export interface Words<Key extends string> {
  /** Language of the texts: the name of a language file. */
  readonly language: string;
  /** Language tag for dates and numbers, with the reader's region where known. */
  readonly locale: string;
  readonly direction: 'ltr' | 'rtl';
  readonly say: (key: Key, values?: Values) => string;
}

const base = (tag: string): string => tag.toLowerCase().split('-')[0] ?? '';

/**
 * The best available language for what is wanted, in order of wish; a regional wish is met by its language.
 *
 * @returns one of `available`, or `en` when none is wanted
 */
export const chooseLanguage = (wanted: readonly string[], available: readonly string[]): string => {
  for (const wish of wanted) {
    const exact = available.find((tag) => tag.toLowerCase() === wish.toLowerCase());
    const found = exact ?? available.find((tag) => base(tag) === base(wish));
    if (found !== undefined) return found;
  }
  return 'en';
};

const REGION = /^[a-z]+(?:-[a-z]{4})?-([a-z]{2})(?:-|$)/i;

/**
 * The chosen language in the first region that is wished for it (`en-IE`): dates and numbers follow it. Nothing else of a
 * wish is taken up, since pages are kept by locale and anybody may wish for anything.
 */
export const localeFor = (language: string, wanted: readonly string[]): string => {
  for (const tag of wanted) {
    const region = base(tag) === base(language) ? REGION.exec(tag)?.[1] : undefined;
    if (region !== undefined) return `${base(language)}-${region.toUpperCase()}`;
  }
  return language;
};

/**
 * @param wanted language tags in order of wish
 * @param dictionaries by language tag; `en` must be among them
 */
export const wordsFor = <Key extends string>(
  wanted: readonly string[],
  dictionaries: Readonly<Record<string, Dictionary<Key>>>,
): Words<Key> => {
  const language = chooseLanguage(wanted, Object.keys(dictionaries));
  const dictionary = dictionaries[language];
  if (!dictionary) throw new Error(`there is no language file for ${language}`);
  const plural = new Intl.PluralRules(language);
  const locale = localeFor(language, wanted);
  const number = new Intl.NumberFormat(locale);
  return {
    language,
    locale,
    direction: dictionary.direction,
    say: (key, values = {}) => {
      const message = dictionary.messages[key];
      const count = Number(values['count'] ?? 0);
      const text = typeof message === 'string' ? message : (message[plural.select(count)] ?? message.other);
      return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
        const value = values[name];
        if (value === undefined) return whole;
        return typeof value === 'number' ? number.format(value) : value;
      });
    },
  };
};

type Texts = Readonly<Record<string, string>>;

/** The best language for the reader of a text that is given per language tag; undefined when there is none at all. */
export const textLanguage = (texts: Texts, language: string): string | undefined => {
  const tags = Object.keys(texts);
  const chosen = chooseLanguage([language], tags);
  return tags.includes(chosen) ? chosen : tags[0];
};

/** A text given per language tag, in the best language for the reader; `fallback` when there is none at all. */
export const pickText = (texts: Texts, language: string, fallback = ''): string =>
  texts[textLanguage(texts, language) ?? ''] ?? fallback;

/** Language files by tag, from what `import.meta.glob` found: `./languages/nl.json` is `nl`. */
export const byTag = <Key extends string>(
  files: Readonly<Record<string, Dictionary<Key>>>,
): Record<string, Dictionary<Key>> =>
  Object.fromEntries(
    Object.entries(files).map(([path, dictionary]) => [path.replace(/^.*\/(.+)\.json$/, '$1'), dictionary]),
  );
