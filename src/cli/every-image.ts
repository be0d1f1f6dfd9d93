import type { ImageFilter, StoredImage } from '../results/rows.ts';
import type { ResultStore } from '../results/store.ts';

/** All images of a filter, newest first; of a search for words first those spelled as they were typed. */
export async function* everyImage(
  store: ResultStore,
  filter: Omit<ImageFilter, 'after' | 'limit'>,
  pageSize = 200,
): AsyncGenerator<StoredImage> {
  if (filter.text === undefined || filter.spelling !== undefined) {
    yield* allPages(store, filter, pageSize);
    return;
  }
  yield* allPages(store, { ...filter, spelling: 'exact' }, pageSize);
  yield* allPages(store, { ...filter, spelling: 'other' }, pageSize);
}

async function* allPages(
  store: ResultStore,
  filter: Omit<ImageFilter, 'after' | 'limit'>,
  pageSize: number,
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
