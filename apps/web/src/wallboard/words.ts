import { byTag, wordsFor, type Dictionary, type Words } from '../language/words.js';
import type english from './languages/en.json';

export type WallboardKey = keyof (typeof english)['messages'];
export type WallboardWords = Words<WallboardKey>;

/** Every `languages/*.json` of this folder: a new language is a new file. */
export const WALLBOARD_LANGUAGES = byTag(
  import.meta.glob<Dictionary<WallboardKey>>('./languages/*.json', { eager: true, import: 'default' }),
);

/** The estimators that the scorecard knows by name: the one that is told, its middle before calibration, and the rules of others. */
export const ESTIMATORS = [
  'served',
  'learner',
  'les',
  'pooled-les',
  'hol',
  'ql',
  'qlm',
  'moving-average',
  'asterisk',
] as const;
export type Estimator = (typeof ESTIMATORS)[number];

/** @param wanted language tags in order of wish */
export const wallboardWords = (wanted: readonly string[]): WallboardWords => wordsFor(wanted, WALLBOARD_LANGUAGES);
