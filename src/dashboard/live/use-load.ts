import { useEffect, useLayoutEffect, useRef } from 'react';

/**
 * Loads what is named, and again for every stamp, one after the other: were a load given up for the next one, on a slow line
 * none would end while photographs are worked on. Given up is only what nobody asks for any more, and what was asked for
 * before something was done.
 *
 * @param name nothing is loaded while it is undefined
 * @param turn another one takes the place of what is under way
 * @param load never fails, and tells nothing once its signal is aborted
 */
export function useLoad(
  name: string | undefined,
  stamp: string,
  turn: number,
  load: (signal: AbortSignal) => Promise<void>,
): void {
  const asked = useRef({ stamp, load });
  const run = useRef<() => void>(undefined);
  useLayoutEffect(() => {
    asked.current = { stamp, load };
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: turn is a reason to load anew
  useEffect(() => {
    if (name === undefined) return;
    const own = new AbortController();
    const { signal } = own;
    let loaded: string | undefined;
    let isLoading = false;
    run.current = async () => {
      if (isLoading) return;
      isLoading = true;
      while (!signal.aborted && loaded !== asked.current.stamp) {
        loaded = asked.current.stamp;
        await asked.current.load(signal);
      }
      isLoading = false;
    };
    run.current();
    return () => own.abort();
  }, [name, turn]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stamp is the reason
  useEffect(() => {
    run.current?.();
  }, [stamp]);
}
