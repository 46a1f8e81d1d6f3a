const MAX_COOKIES = 100;

/** Cookies of a `Cookie` header by name. Of equal names the first counts, which is the one with the longer path. */
export const parse = (header: string | undefined): ReadonlyMap<string, string> => {
  const cookies = new Map<string, string>();
  for (const pair of (header ?? '').split(';', MAX_COOKIES)) {
    const equals = pair.indexOf('=');
    if (equals < 1) continue;
    const name = pair.slice(0, equals).trim();
    if (!cookies.has(name)) cookies.set(name, pair.slice(equals + 1).trim());
  }
  return cookies;
};
