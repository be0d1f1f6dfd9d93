import { useEffect, useLayoutEffect, useRef } from 'react';

/** After so long an answer is not waited for any more, where there is a reason to ask again. */
const PATIENCE_MS = 30_000;

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
    let underWay: AbortController | undefined;
    let begun = 0;
    let loaded: string | undefined;
    run.current = async () => {
      if (underWay !== undefined && Date.now() - begun < PATIENCE_MS) return;
      underWay?.abort();
      const own = new AbortController();
      underWay = own;
      while (!own.signal.aborted && loaded !== asked.current.stamp) {
        loaded = asked.current.stamp;
        begun = Date.now();
        await asked.current.load(own.signal);
      }
      if (underWay === own) underWay = undefined;
    };
    run.current();
    return () => {
      run.current = undefined;
      underWay?.abort();
    };
  }, [name, turn]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stamp is the reason
  useEffect(() => {
    run.current?.();
  }, [stamp]);
}
