import type { ImageFilter, StoredImage } from '../results/rows.ts';
import type { ResultStore } from '../results/store.ts';

/** All images of a filter, newest first, page by page. */
export async function* everyImage(
  store: ResultStore,
  filter: Omit<ImageFilter, 'after' | 'limit'>,
  pageSize = 200,
): AsyncGenerator<StoredImage> {
  let after: ImageFilter['after'];
  for (;;) {
    const page = await store.list({ ...filter, limit: pageSize, ...(after && { after }) });
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < pageSize) return;
    after = { finishedAt: last.finishedAt, id: last.id };
  }
}
