import { useEffect, useState } from 'preact/hooks';

const RELOAD_MS = 60_000;

/** What came of the last attempt to read; null before the first. */
export type Loaded<Result> = { readonly result: Result } | { readonly problem: string } | null;

/** Reads at once, when a dependency changes, and each minute. */
export const useLoaded = <Result>(
  load: () => Promise<Result>,
  dependencies: readonly (string | number | null)[],
): Loaded<Result> => {
  const [loaded, setLoaded] = useState<Loaded<Result>>(null);
  useEffect(() => {
    let gone = false;
    const read = (): void => {
      load().then(
        (result) => !gone && setLoaded({ result }),
        (error: unknown) => !gone && setLoaded({ problem: error instanceof Error ? error.message : String(error) }),
      );
    };
    read();
    const timer = setInterval(read, RELOAD_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, dependencies);
  return loaded;
};
