import type { Clock } from '../ports.ts';
import type { Database } from './database.ts';
import { loadImages } from './load.ts';
import { migrate } from './migrate.ts';
import { assertOneSelect } from './read-only.ts';
import { removeFacesOf, saveImage } from './save.ts';
import { findIds } from './search.ts';
import { sql } from './sql.ts';
import type { BatchCount, ImageFilter, ImageResult, ImageStatus, ResultStore, StoredImage } from './store.ts';

/** The result store over either database. */
export class SqlResultStore implements ResultStore {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock = Date.now) {
    this.#database = database;
    this.#clock = clock;
  }

  migrate(): Promise<void> {
    return migrate(this.#database, this.#clock);
  }

  save(result: ImageResult): Promise<'saved' | 'superseded'> {
    return this.#database.write((session) => saveImage(session, this.#database.dialect, result));
  }

  async get(id: string): Promise<StoredImage | undefined> {
    const [image] = await loadImages(this.#database, [id]);
    return image;
  }

  async list(filter: ImageFilter = {}): Promise<StoredImage[]> {
    return loadImages(this.#database, await findIds(this.#database, filter));
  }

  async batches(): Promise<BatchCount[]> {
    const [rows] = await this.#database.read([
      sql`SELECT batch_id, status, COUNT(*) AS images FROM pipeline_output GROUP BY batch_id, status ORDER BY batch_id, status`,
    ]);
    const batches = new Map<string, BatchCount>();
    for (const row of rows ?? []) {
      const batchId = row.batch_id as string;
      const batch = batches.get(batchId) ?? { batchId, images: 0, byStatus: {} };
      batch.images += row.images as number;
      batch.byStatus[row.status as ImageStatus] = row.images as number;
      batches.set(batchId, batch);
    }
    return [...batches.values()];
  }

  async removeFaces(imageId: string): Promise<void> {
    await this.#database.write((session) => session.run(removeFacesOf(imageId)));
  }

  async query(text: string): Promise<Record<string, unknown>[]> {
    assertOneSelect(text);
    return this.#database.query(text);
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}
