import { byTag, wordsFor, type Dictionary, type Words } from '../language/words.js';
import type english from './languages/en.json';

export type PageKey = keyof (typeof english)['messages'];
export type PageWords = Words<PageKey>;

/** Every `languages/*.json` of this folder: a new language is a new file. */
export const PAGE_LANGUAGES = byTag(
  import.meta.glob<Dictionary<PageKey>>('./languages/*.json', { eager: true, import: 'default' }),
);

/** @param wanted language tags in order of wish */
export const pageWords = (wanted: readonly string[]): PageWords => wordsFor(wanted, PAGE_LANGUAGES);

/** A phrase as a sentence begins. */
export const upperFirst = (text: string, locale: string): string => {
  const [first = ''] = text;
  return first.toLocaleUpperCase(locale) + text.slice(first.length);
};
