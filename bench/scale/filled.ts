import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { openApp } from '../../src/app.ts';
import { jobIdOf } from '../../src/domain/job-id.ts';
import { newEtag } from '../../src/local/storage/state/etag.ts';
import { containers } from '../../src/storage/names.ts';
import { startService } from '../storage/server.ts';
import { fillArchive, nameOf, writtenAt } from './archive.ts';

/** An instance's data about so many images, with everything but their bytes. */
export interface Filled {
  /** Of the storage service. */
  storage: string;
  /** Of the results. */
  file: string;
  /** The ids of the jobs, by the number of the image. */
  ids: readonly string[];
}

/** What the worker that fills the results is given. */
export interface ResultsToFill {
  file: string;
  images: number;
  ids: readonly string[];
}

/** The names of the jobs, by the number of the image; written last: a folder without it was not filled to its end. */
const IDS = 'ids';

/** Fills a folder, storage and results at once; what stands there from another time is taken as it is. */
export async function filled(folder: string, images: number, say: (words: string) => void): Promise<Filled> {
  const [storage, file, list] = [join(folder, 'storage'), join(folder, 'results.db'), join(folder, IDS)];
  if (existsSync(list)) return { storage, file, ids: readFileSync(list, 'utf8').split('\n') };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  say(`${images.toLocaleString('en')} images are being made`);
  await emptyAccount(storage);
  const { ids, etags } = madeIds(images);
  const work: ResultsToFill = { file, images, ids };
  const results = new Worker(new URL('./fill-results.ts', import.meta.url), { workerData: work });
  results.on('message', say);
  const ended = once(results, 'exit');
  await Promise.all([ended, fillArchive(storage, { ids, etags }, say)]);
  if (!existsSync(file)) throw new Error('The results were not filled.');
  writeFileSync(list, ids.join('\n'));
  return { storage, file, ids };
}

/** The ids of jobs, and the ETags of their blobs from which they follow, by the number of the image. */
export function madeIds(images: number): { ids: string[]; etags: string[] } {
  const etags = Array.from({ length: images }, (_, n) => newEtag(writtenAt(n, images)));
  return { ids: etags.map((etag, n) => jobIdOf(containers.input, nameOf(n), etag)), etags };
}

/** What is measured changes what is there: a copy, of which the original stays as it was filled. */
export function copied(
  { storage, file, ids }: Filled,
  folder: string,
  { withResults }: { withResults: boolean },
): Filled {
  const copy = { storage: join(folder, 'storage'), file: join(folder, 'results.db'), ids };
  mkdirSync(copy.storage, { recursive: true });
  if (withResults) copyFileSync(file, copy.file);
  for (const entry of readdirSync(storage, { withFileTypes: true, recursive: true })) {
    const from = join(entry.parentPath, entry.name);
    const to = join(copy.storage, from.slice(storage.length));
    if (entry.isDirectory()) mkdirSync(to, { recursive: true });
  }
  for (const entry of readdirSync(storage, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) {
      const from = join(entry.parentPath, entry.name);
      copyFileSync(from, join(copy.storage, from.slice(storage.length)));
    }
  return copy;
}

/** Its containers and tables, and no row but the word that what leads to jobs is complete. */
async function emptyAccount(folder: string): Promise<void> {
  const service = await startService(folder);
  const app = await openApp({
    ...{ AzureWebJobsStorage: service.connectionString, SQLITE_PATH: ':memory:' },
    ...{ COMPUTER_VISION_ENDPOINT: 'http://127.0.0.1:9', FACE_ENDPOINT: 'http://127.0.0.1:9' },
    ...{ FACE_KEY: 'bench', COMPUTER_VISION_KEY: 'bench' },
  });
  await app.ensure();
  await app.journal.links.markComplete();
  await app.close();
  await service.stop();
}
