import { describe, expect, it } from 'vitest';
import type { Dictionary, Message } from './words.js';

const FILES = import.meta.glob<Dictionary<string>>('../*/languages/*.json', { eager: true, import: 'default' });
const AREAS = [...new Set(Object.keys(FILES).map((path) => path.slice(0, path.lastIndexOf('/'))))];

const forms = (message: Message): string[] => (typeof message === 'string' ? [message] : Object.values(message));

const placeholders = (message: Message): string[] => {
  const found = forms(message).flatMap((form) => [...form.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ''));
  return [...new Set(found)].sort();
};

describe.each(AREAS)('%s', (area) => {
  const english = FILES[`${area}/en.json`];
  const languages = Object.entries(FILES).filter(([path]) => path.startsWith(`${area}/`));

  it('has English, French, Dutch and German', () => {
    const tags = languages.map(([path]) => path.replace(/^.*\/(.+)\.json$/, '$1'));
    expect(tags).toEqual(expect.arrayContaining(['en', 'fr', 'nl', 'de']));
  });

  it.each(languages)('%s says everything that English says, with the same values', (path, { messages }) => {
    const expected = english?.messages ?? {};
    expect(Object.keys(messages).sort()).toEqual(Object.keys(expected).sort());
    for (const [key, message] of Object.entries(messages))
      expect([key, placeholders(message)]).toEqual([key, placeholders(expected[key] ?? '')]);
    expect(Intl.getCanonicalLocales(path.replace(/^.*\/(.+)\.json$/, '$1'))).toHaveLength(1);
  });

  it.each(languages)('%s has every plural form of its language', (path, { messages }) => {
    const { pluralCategories } = new Intl.PluralRules(path.replace(/^.*\/(.+)\.json$/, '$1')).resolvedOptions();
    // "many" in French is for millions, which no wait or queue count reaches.
    const needed = pluralCategories.filter((category) => category !== 'many');
    const plurals = Object.values(messages).filter((message) => typeof message !== 'string');
    for (const message of plurals) expect(Object.keys(message)).toEqual(expect.arrayContaining(needed));
    expect(plurals.length).toBe(Object.values(english?.messages ?? {}).filter((one) => typeof one !== 'string').length);
  });
});
