import { describe, expect, it } from 'vitest';
import { chooseLanguage, localeFor, pickText, wordsFor, type Dictionary } from './words.js';

const DICTIONARIES: Record<string, Dictionary<'waits' | 'greeting'>> = {
  en: {
    direction: 'ltr',
    name: 'English',
    messages: { waits: { one: '{count} minute', other: '{count} minutes' }, greeting: 'Hello {name}' },
  },
  fr: {
    direction: 'ltr',
    name: 'Français',
    messages: { waits: { one: '{count} minute', other: '{count} minutes' }, greeting: 'Bonjour {name}' },
  },
};

describe('the language of a reader', () => {
  it.each([
    [['nl-BE', 'fr'], 'nl'],
    [['pt', 'DE-ch'], 'de'],
    [['pt'], 'en'],
    [[], 'en'],
  ])('%j is answered in %s', (wanted, expected) => {
    expect(chooseLanguage(wanted, ['en', 'fr', 'nl', 'de'])).toBe(expected);
  });

  it('prefers the exact regional file to its language', () => {
    expect(chooseLanguage(['pt-BR'], ['en', 'pt', 'pt-BR'])).toBe('pt-BR');
  });

  it('takes the region for dates from whoever names one', () => {
    expect(localeFor('en', ['en', 'fr-FR', 'en-IE'])).toBe('en-IE');
    expect(localeFor('pt-BR', ['pt-BR'])).toBe('pt-BR');
    expect(localeFor('zh-Hant', ['zh-Hant-TW'])).toBe('zh-TW');
  });

  it.each(['en-not_a_tag', 'en-x-1', 'en-u-ca-hebrew', 'en-001', 'en-', 'en-GBR'])(
    'takes nothing else from %s',
    (tag) => {
      expect(localeFor('en', [tag])).toBe('en');
    },
  );
});

describe('words', () => {
  it('fills placeholders and writes numbers as the locale does', () => {
    const { say } = wordsFor(['en'], DICTIONARIES);
    expect(say('greeting', { name: 'Ada' })).toBe('Hello Ada');
    expect(say('waits', { count: 1234 })).toBe('1,234 minutes');
    expect(say('greeting')).toBe('Hello {name}');
  });

  it('counts by the plural rules of the language: French has one zero minute', () => {
    expect(wordsFor(['fr'], DICTIONARIES).say('waits', { count: 0 })).toBe('0 minute');
    expect(wordsFor(['en'], DICTIONARIES).say('waits', { count: 0 })).toBe('0 minutes');
  });
});

describe('a text given in several languages', () => {
  it('is shown in the reader’s, else in English, else in the first there is', () => {
    expect(pickText({ en: 'Support', nl: 'Ondersteuning' }, 'nl')).toBe('Ondersteuning');
    expect(pickText({ en: 'Support', nl: 'Ondersteuning' }, 'de')).toBe('Support');
    expect(pickText({ sv: 'Kundtjänst' }, 'de')).toBe('Kundtjänst');
    expect(pickText({}, 'de', 'support')).toBe('support');
  });
});
