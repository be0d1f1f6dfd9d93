import { TableClient } from '@azure/data-tables';
import { ContainerClient } from '@azure/storage-blob';

/** Has storage answer every listing in pages of so many, so that few rows are more than one page. @returns what ends it */
export function pagesOf(size: number): () => void {
  const ends = [
    shorten(TableClient.prototype, 'listEntities', size),
    shorten(ContainerClient.prototype, 'listBlobsFlat', size),
  ];
  return () => {
    for (const end of ends) end();
  };
}

type Paged = { byPage(settings?: { maxPageSize?: number }): unknown };

function shorten(prototype: object, method: string, size: number): () => void {
  const original = Reflect.get(prototype, method) as (...args: unknown[]) => Paged;
  Reflect.set(prototype, method, function (this: unknown, ...args: unknown[]) {
    const listing = original.apply(this, args);
    const byPage = listing.byPage.bind(listing);
    listing.byPage = (settings = {}) =>
      byPage({ ...settings, maxPageSize: Math.min(size, settings.maxPageSize ?? size) });
    return listing;
  });
  return () => Reflect.set(prototype, method, original);
}
