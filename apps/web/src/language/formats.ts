const kept = new Map<string, Intl.DateTimeFormat>();
/** On a server, visitors name the locales. */
const MOST = 500;

/** A format for dates. To make one takes far longer than to use it, and a page uses a few many times. */
export const dateFormat = (locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => {
  const key = locale + JSON.stringify(options);
  const known = kept.get(key);
  if (known) return known;
  if (kept.size >= MOST) kept.clear();
  const made = new Intl.DateTimeFormat(locale, options);
  kept.set(key, made);
  return made;
};
