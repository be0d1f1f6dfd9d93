import { useCallback, useRef, useState } from 'react';
import type { ImagePage, ImageSummary } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { type ApiError, getJson } from '../../live/client.ts';
import { Recent } from '../../live/recent.ts';
import { useLoad } from '../../live/use-load.ts';

const PAGE = 60;

interface Pages {
  images: readonly ImageSummary[];
  next: string | null;
}

/** Pages by query: back from an image the grid stands as it was left. */
const kept = new Recent<Pages>(20);

interface ImagePages {
  images: readonly ImageSummary[] | undefined;
  more: boolean;
  error: ApiError | undefined;
  loadMore(): void;
  reload(): void;
}

const path = (query: string, after?: string) => {
  const search = new URLSearchParams(query);
  search.set('limit', String(PAGE));
  if (after !== undefined) search.set('after', after);
  return `${routes.images}?${search}`;
};

/** New images stand before the old ones, changed ones in their place; what was scrolled to stays loaded. */
function merge(first: ImagePage, old: Pages | undefined): Pages {
  if (old === undefined || first.next === null) return { images: first.images, next: first.next };
  const fresh = new Set(first.images.map((image) => image.id));
  const last = first.images.at(-1);
  const rest = old.images.filter(
    (image) => !fresh.has(image.id) && (last === undefined || image.finishedAt <= last.finishedAt),
  );
  // A page that is not full leaves nothing out, however few it holds; after a full one there may be a gap.
  const noGap = rest.length < old.images.length || first.images.length < PAGE;
  return noGap && rest.length > 0
    ? { images: [...first.images, ...rest], next: old.next }
    : { images: first.images, next: first.next };
}

/** @param query filters as the API takes them, without cursor and limit */
export function useImagePages(query: string, stamp: string): ImagePages {
  const [, redraw] = useState(0);
  /** With the page that did not come, where that was not the first. */
  const [failed, setFailed] = useState<{ query: string; error: ApiError; next?: string }>();
  const [turn, setTurn] = useState(0);
  const loadingMore = useRef<string>(undefined);
  const changed = useCallback(() => redraw((now) => now + 1), []);

  useLoad(query, stamp, turn, async (signal) => {
    try {
      const first = await getJson<ImagePage>(path(query), signal);
      if (signal.aborted) return;
      kept.set(query, merge(first, kept.get(query)));
      setFailed((now) => (now?.next === undefined ? undefined : now));
      changed();
    } catch (error) {
      if (!signal.aborted) setFailed({ query, error: error as ApiError });
    }
  });

  const pages = kept.get(query);
  const next = pages?.next ?? null;

  const loadMore = useCallback(() => {
    if (next === null || loadingMore.current === next) return;
    loadingMore.current = next;
    getJson<ImagePage>(path(query, next)).then(
      (page) => {
        const now = kept.get(query);
        if (now?.next === next) {
          const known = new Set(now.images.map((image) => image.id));
          const added = page.images.filter((image) => !known.has(image.id));
          kept.set(query, { images: [...now.images, ...added], next: page.next });
        }
        loadingMore.current = undefined;
        setFailed((now) => (now?.next === next ? undefined : now));
        changed();
      },
      (error: ApiError) => {
        loadingMore.current = undefined;
        setFailed({ query, error, next });
      },
    );
  }, [next, query, changed]);

  return {
    images: pages?.images,
    more: next !== null,
    error: failed?.query === query ? failed.error : undefined,
    loadMore,
    reload: () => {
      setTurn((now) => now + 1);
      if (failed?.next !== undefined) loadMore();
    },
  };
}

/** The images that stand around one in the grid it was opened from, newest query first. */
export function neighbours(id: string): { previous: string | undefined; next: string | undefined } {
  for (const { images } of kept.newestFirst()) {
    const at = images.findIndex((image) => image.id === id);
    if (at >= 0) return { previous: images[at - 1]?.id, next: images[at + 1]?.id };
  }
  return { previous: undefined, next: undefined };
}
