import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max';

/** Why a number cannot be called back. */
export type NumberProblem = 'invalid' | 'country' | 'kind';

export type CheckedNumber =
  | { readonly kind: 'number'; readonly e164: string; readonly country: string }
  | { readonly kind: 'problem'; readonly problem: NumberProblem };

/** Kinds of number that cost whoever calls them more than a call. */
const COSTLY = new Set<string | undefined>(['PREMIUM_RATE', 'SHARED_COST', 'UAN', 'PAGER', 'VOICEMAIL']);

/**
 * A number as a customer types it, in E.164.
 *
 * @param region ISO country whose national form is understood
 * @param countries countries that may be called: calls to others are how callback forms are abused
 */
export const checkNumber = (text: string, region: string, countries: readonly string[]): CheckedNumber => {
  const parsed = parsePhoneNumberFromString(text, { defaultCountry: region as CountryCode, extract: false });
  if (!parsed?.isValid() || parsed.ext !== undefined) return { kind: 'problem', problem: 'invalid' };
  const { country, number } = parsed;
  if (country === undefined || !countries.includes(country)) return { kind: 'problem', problem: 'country' };
  if (COSTLY.has(parsed.getType())) return { kind: 'problem', problem: 'kind' };
  return { kind: 'number', e164: number, country };
};
