import { readdirSync, readFileSync } from 'node:fs';
import type { ProblemDetail, ProblemOptions } from '@queuecast/http';
import { ProblemException } from '@queuecast/http';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type en from './languages/en.json';

export type Word = keyof typeof en;
type Words = Readonly<Record<Word, string>>;

const directory = new URL('./languages/', import.meta.url);
/** Every file of the folder: a new language is a new file. */
const LANGUAGES = new Map(
  readdirSync(directory).map((file): [string, Words] => [
    file.replace(/\.json$/, ''),
    JSON.parse(readFileSync(new URL(file, directory), 'utf8')) as Words,
  ]),
);
const ENGLISH = LANGUAGES.get('en')!;

/** Languages that visitors are answered in; English first, for those who like them all alike. */
export const SPOKEN: readonly string[] = ['en', ...[...LANGUAGES.keys()].filter((tag) => tag !== 'en')];

/** The visitor's language: `lang`, otherwise what `Accept-Language` likes best of ours, otherwise English. */
export const languageOf = (request: Request): string => {
  const asked = request.query['lang'];
  const primary = typeof asked === 'string' ? asked.split('-')[0]!.toLowerCase() : '';
  if (SPOKEN.includes(primary)) return primary;
  return request.acceptsLanguages([...SPOKEN]) || 'en';
};

/** As {@link languageOf} has it, for a parameter of a route. */
export const VisitorLanguage = createParamDecorator((_: unknown, context: ExecutionContext): string =>
  languageOf(context.switchToHttp().getRequest()),
);

const isWord = (text: string): text is Word => text in ENGLISH;

export const say = (language: string, word: Word): string => (LANGUAGES.get(language) ?? ENGLISH)[word];

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

/** The refusal of a body that is too large, or whose schema names words as its messages. */
export const translated = (error: unknown, language: string): unknown => {
  if (error instanceof ProblemException && error.getStatus() === 413)
    return refusal(language, 413, 'invalid', 'bodyTooLarge', { headers: error.headers });
  if (!(error instanceof ProblemException) || error.getStatus() !== 400) return error;
  const errors = (error.problem.errors ?? []).map(({ field, message }): ProblemDetail => ({
    ...(field !== undefined && { field }),
    message: say(language, isWord(message) ? message : 'fieldInvalid'),
  }));
  return refusal(language, 400, 'invalid', 'bodyInvalid', errors.length > 0 ? { errors } : {});
};
