import { useCallback, useRef, useState } from 'react';
import { type ApiError, getJson } from './client.ts';
import { useLoad } from './use-load.ts';

export interface Pages<T> {
  items: readonly T[] | undefined;
  more: boolean;
  error: ApiError | undefined;
  loadMore(): void;
  reload(): void;
}

/**
 * A list that the API gives page by page. A new stamp reads again as many pages as are shown; of another list nothing is
 * shown before it has come.
 *
 * @param path of a page, by the `next` of the page before
 * @param name of the list in an answer
 */
export function usePages<T>(path: (after?: string) => string, name: string, stamp: string): Pages<T> {
  const of = path();
  const [state, setState] = useState<{ of: string; items: readonly T[]; next: string | null }>();
  const [failed, setFailed] = useState<{ of: string; error: ApiError }>();
  const [turn, setTurn] = useState(0);
  const pages = useRef({ of, count: 1 });
  if (pages.current.of !== of) pages.current = { of, count: 1 };

  useLoad(of, stamp, turn, async (signal) => {
    try {
      const items: T[] = [];
      let next: string | null = null;
      for (let page = 0; page < pages.current.count; page += 1) {
        const answer: Record<string, unknown> = await getJson(path(next ?? undefined), signal);
        items.push(...(answer[name] as T[]));
        next = answer.next as string | null;
        if (next === null) break;
      }
      if (signal.aborted) return;
      setState({ of, items, next });
      setFailed(undefined);
    } catch (error) {
      if (!signal.aborted) setFailed({ of, error: error as ApiError });
    }
  });

  const reload = useCallback(() => setTurn((now) => now + 1), []);
  const shown = state?.of === of ? state : undefined;
  return {
    items: shown?.items,
    more: (shown?.next ?? null) !== null,
    error: failed?.of === of ? failed.error : undefined,
    reload,
    loadMore: () => {
      pages.current.count += 1;
      reload();
    },
  };
}
