import { byTag, wordsFor, type Dictionary, type Words } from '../language/words.js';
import type english from './languages/en.json';

export type PublicKey = keyof (typeof english)['messages'];
export type PublicWords = Words<PublicKey>;

/** Every `languages/*.json` of this folder: a new language is a new file. */
export const PUBLIC_LANGUAGES = byTag(
  import.meta.glob<Dictionary<PublicKey>>('./languages/*.json', { eager: true, import: 'default' }),
);

/** @param wanted language tags in order of wish */
export const publicWords = (wanted: readonly string[]): PublicWords => wordsFor(wanted, PUBLIC_LANGUAGES);
