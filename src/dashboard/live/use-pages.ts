import { useCallback, useEffect, useRef, useState } from 'react';
import { type ApiError, getJson } from './client.ts';

export interface Pages<T> {
  items: readonly T[] | undefined;
  more: boolean;
  error: ApiError | undefined;
  loadMore(): void;
  reload(): void;
}

/**
 * A list that the API gives page by page. A new stamp reads again as many pages as are shown.
 *
 * @param path of a page, by the `next` of the page before
 * @param name of the list in an answer
 */
export function usePages<T>(path: (after?: string) => string, name: string, stamp: string): Pages<T> {
  const [state, setState] = useState<{ items: readonly T[]; next: string | null }>();
  const [error, setError] = useState<ApiError>();
  const [turn, setTurn] = useState(0);
  const pages = useRef(1);
  const asked = useRef(path);
  asked.current = path;

  // biome-ignore lint/correctness/useExhaustiveDependencies: stamp and turn are the reasons to load again
  useEffect(() => {
    const abort = new AbortController();
    const load = async () => {
      const items: T[] = [];
      let next: string | null = null;
      for (let page = 0; page < pages.current; page += 1) {
        const answer: Record<string, unknown> = await getJson(asked.current(next ?? undefined), abort.signal);
        items.push(...(answer[name] as T[]));
        next = answer.next as string | null;
        if (next === null) break;
      }
      setState({ items, next });
      setError(undefined);
    };
    load().catch((problem: ApiError) => {
      if (!abort.signal.aborted) setError(problem);
    });
    return () => abort.abort();
  }, [name, stamp, turn]);

  const reload = useCallback(() => setTurn((now) => now + 1), []);
  return {
    items: state?.items,
    more: (state?.next ?? null) !== null,
    error,
    reload,
    loadMore: () => {
      pages.current += 1;
      reload();
    },
  };
}
