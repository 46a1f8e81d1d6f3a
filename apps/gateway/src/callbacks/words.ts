import type { ProblemDetail, ProblemOptions } from '@queuecast/http';
import { ProblemException } from '@queuecast/http';
import type { Request } from 'express';
import de from './languages/de.json' with { type: 'json' };
import en from './languages/en.json' with { type: 'json' };
import fr from './languages/fr.json' with { type: 'json' };
import nl from './languages/nl.json' with { type: 'json' };

export type Word = keyof typeof en;
type Words = Readonly<Record<Word, string>>;

const LANGUAGES: Readonly<Record<string, Words>> = { en, fr, nl, de };

/** Languages that visitors are answered in. */
export const SPOKEN: readonly string[] = Object.keys(LANGUAGES);

/** The visitor's language: `lang`, otherwise what `Accept-Language` likes best of ours, otherwise English. */
export const languageOf = (request: Request): string => {
  const asked = request.query['lang'];
  const primary = typeof asked === 'string' ? asked.split('-')[0]!.toLowerCase() : '';
  if (SPOKEN.includes(primary)) return primary;
  return request.acceptsLanguages([...SPOKEN]) || 'en';
};

const isWord = (text: string): text is Word => text in en;

export const say = (language: string, word: Word): string => (LANGUAGES[language] ?? en)[word];

/** A refusal in the visitor's language. `word` names title and detail: `<word>_title` may be absent. */
export const refusal = (
  language: string,
  status: number,
  title: Word,
  detail: Word,
  more: Pick<ProblemOptions, 'errors' | 'headers' | 'extensions'> = {},
): ProblemException =>
  new ProblemException(status, {
    title: say(language, title),
    detail: say(language, detail),
    ...more,
    headers: { 'Content-Language': language, Vary: 'Accept-Language', ...more.headers },
  });

/** The refusal of a body whose schema names words as its messages. */
export const translated = (error: unknown, language: string): unknown => {
  if (!(error instanceof ProblemException) || error.getStatus() !== 400) return error;
  const errors = (error.problem.errors ?? []).map(({ field, message }): ProblemDetail => ({
    ...(field !== undefined && { field }),
    message: say(language, isWord(message) ? message : 'fieldInvalid'),
  }));
  return refusal(language, 400, 'invalid', 'bodyInvalid', errors.length > 0 ? { errors } : {});
};
