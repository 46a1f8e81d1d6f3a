import type { Notice, PostedNotice } from '@queuecast/live';

/** A public document shows at most so many notices, the gravest first. */
export const MAX_NOTICES = 3;
/** Longest text of a notice in one language, in characters. */
export const MAX_TEXT_LENGTH = 280;
/** A full notice in four languages, or three short ones: the document as a whole stays within 3 KiB. */
export const MAX_BYTES = 1_536;

const SHORTEST = 20;

/**
 * The notices that the public document of a queue holds: as many of the first as fit, without who posted them. What a
 * supervisor posts is made to fit beforehand; of what comes from elsewhere, a text that is too long is cut.
 *
 * @param notices those shown now, the gravest first
 */
export const publicNotices = (notices: readonly PostedNotice[], now: number): Notice[] => {
  const shown: Notice[] = [];
  for (const notice of notices) {
    if (shown.length === MAX_NOTICES) break;
    if (notice.until !== null && notice.until <= now) continue;
    const fitting = shown.length === 0 ? cutToFit(notice) : cut(notice, MAX_TEXT_LENGTH);
    if (fitting && bytesOf([...shown, fitting]) <= MAX_BYTES) shown.push(fitting);
  }
  return shown;
};

/** Whether all of these are in the public document in full. */
export const fitPublicly = (notices: readonly PostedNotice[], now: number): boolean => {
  const shown = publicNotices(notices, now);
  return (
    shown.length === notices.length &&
    notices.every(({ text }, n) => JSON.stringify(text) === JSON.stringify(shown[n]?.text))
  );
};

/** The first notice is always shown: with shorter texts if it must be, and in fewer languages if that is not enough. */
const cutToFit = (notice: PostedNotice): Notice => {
  let length = MAX_TEXT_LENGTH;
  let fitting = cut(notice, length);
  while (bytesOf([fitting]) > MAX_BYTES && length > SHORTEST) {
    length = Math.floor(length * 0.8);
    fitting = cut(notice, length);
  }
  while (bytesOf([fitting]) > MAX_BYTES)
    fitting = { ...fitting, text: Object.fromEntries(Object.entries(fitting.text).slice(0, -1)) };
  return fitting;
};

const cut = ({ id, severity, text, until }: PostedNotice, length: number): Notice => ({
  id,
  severity,
  text: Object.fromEntries(Object.entries(text).map(([language, words]) => [language, shortened(words, length)])),
  until,
});

/** Counts characters as people do, more or less: half a surrogate pair would be no character at all. */
const shortened = (text: string, length: number): string => {
  const characters = Array.from(text);
  return characters.length <= length
    ? text
    : `${characters
        .slice(0, length - 1)
        .join('')
        .trimEnd()}…`;
};

const bytesOf = (notices: readonly Notice[]): number => Buffer.byteLength(JSON.stringify(notices));
