import { openBlobStore } from '../../src/local/storage/blob/store.ts';
import { openState } from '../../src/local/storage/state/open.ts';
import { Entities } from '../../src/local/storage/table/entities.ts';
import type { Server } from './server.ts';

/** A journal row of usual size. */
const ROW_BYTES = 7000;
const ROW = 'r'.repeat(ROW_BYTES);
const CONTENT = Buffer.alloc(500, 'c');
const BATCH = 1000;

export const nameOf = (index: number): string => `fill/${String(index).padStart(8, '0')}`;
export const partitionOf = (index: number): string => `job-${String(index).padStart(8, '0')}`;

/** Through the SDKs, by many lanes. */
export async function fillByApi({ container, table }: Server, count: number): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await container.getBlockBlobClient(nameOf(index)).upload(CONTENT, CONTENT.length);
      await table.createEntity({ partitionKey: partitionOf(index), rowKey: 'job', first: ROW });
    }
  };
  await Promise.all(Array.from({ length: 16 }, lane));
}

/**
 * Straight through the parts of our own service, without HTTP, on a folder that no service has open: a million takes
 * minutes, through the SDKs an hour. The container and the table "bench" must exist.
 */
export async function fillDirectly(
  folder: string,
  count: number,
  say: (words: string) => void,
): Promise<void> {
  const state = openState(folder, { clock: Date.now });
  try {
    const store = openBlobStore(state, () => ({}));
    const entities = new Entities(state);
    const container = Number(
      state.db.prepare("SELECT number FROM container WHERE name = 'bench'").get()?.number,
    );
    const table = Number(
      state.db.prepare("SELECT number FROM entity_table WHERE name = 'bench'").get()?.number,
    );
    for (let from = 0; from < count; from += BATCH) {
      const contents: number[] = [];
      for (let index = 0; index < BATCH; index += 1) contents.push(await store.contents.newNumber());
      const now = Date.now();
      await state.group.write(() => {
        for (const [index, content] of contents.entries()) {
          const arrived = { content, size: CONTENT.length, bytes: CONTENT };
          store.contents.keep(arrived);
          const blob = { parts: [arrived], properties: {}, metadata: '{}' };
          store.blobs.put(container, nameOf(from + index), undefined, blob, now);
          entities.insert(table, partitionOf(from + index), 'job', JSON.stringify({ first: ROW }), now);
        }
      });
      for (const content of contents) await store.contents.settle({ content, size: 0, bytes: CONTENT }, true);
      if (from % (50 * BATCH) === 0) say(`${from} of ${count} blobs and rows`);
    }
  } finally {
    await state.close();
  }
}
