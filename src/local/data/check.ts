import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ContentFiles } from '../storage/state/content-files.ts';
import { danglingContents, fileContents, filesOf, sizeOf } from './contents.ts';
import { CONTENTS, databasesOf, STORAGE } from './parts.ts';

interface CheckReport {
  /** Sentences; empty where all is well. */
  readonly wrong: string[];
  readonly databases: number;
  readonly blobs: number;
  readonly files: number;
  /** Blobs whose MD5 was computed. */
  readonly hashed: number;
  /** Files that nothing names: the next start sweeps them. */
  readonly orphans: number;
}

/**
 * Verifies a data folder, whose instance may run meanwhile: SQLite's own check of each database, that every content has
 * its bytes, and on demand that these have the MD5 that was told when they were written. Changes nothing.
 *
 * @throws {DataFolderError} where there is no data
 */
export async function check(root: string, { hashes }: { hashes: boolean }): Promise<CheckReport> {
  const databases = await databasesOf(root);
  const wrong: string[] = [];
  const counts = { blobs: 0, files: 0, hashed: 0, orphans: 0 };
  for (const { file, title } of databases) {
    try {
      const db = new DatabaseSync(file, { readOnly: true, timeout: 30_000 });
      try {
        for (const row of db.prepare('PRAGMA integrity_check').all()) {
          if (row.integrity_check !== 'ok')
            wrong.push(`The database of ${title} is damaged: ${row.integrity_check}`);
        }
        if (title === 'storage' && wrong.length === 0) await checkStorage(root, db, hashes, wrong, counts);
      } finally {
        db.close();
      }
    } catch (error) {
      wrong.push(`The database of ${title} cannot be read: ${(error as Error).message}`);
    }
  }
  return { wrong, databases: databases.length, ...counts };
}

async function checkStorage(
  root: string,
  db: DatabaseSync,
  hashes: boolean,
  wrong: string[],
  counts: { blobs: number; files: number; hashed: number; orphans: number },
): Promise<void> {
  const files = new ContentFiles(path.join(root, STORAGE));
  for (const id of danglingContents(db)) wrong.push(`Content ${id} of a blob is missing.`);
  counts.blobs = Number(db.prepare('SELECT count(*) AS n FROM blob').get()?.n);
  const named = new Set<number>();
  const suspects = new Map<number, string>();
  for (const { id, size } of fileContents(db)) {
    named.add(id);
    const found = await sizeOf(files.path(id));
    if (found === undefined) suspects.set(id, `The file of content ${id} is missing.`);
    else if (found < size) suspects.set(id, `The file of content ${id} has ${found} of ${size} bytes.`);
  }
  // A blob that was deleted meanwhile is no loss.
  const still = db.prepare('SELECT 1 FROM content WHERE id = ?');
  for (const [id, sentence] of suspects) if (still.get(id)) wrong.push(sentence);
  counts.files = named.size;
  for await (const { id } of filesOf(path.join(root, STORAGE, CONTENTS))) {
    if (!named.has(id) && !still.get(id)) counts.orphans += 1;
  }
  if (hashes && wrong.length === 0) counts.hashed = await checkHashes(db, files, wrong);
}

interface BlobRow {
  readonly rowid?: number;
  readonly etag: string;
  readonly md5: string;
  readonly parts: string;
  readonly name: string;
  readonly container: number;
}

async function checkHashes(db: DatabaseSync, files: ContentFiles, wrong: string[]): Promise<number> {
  const page = db.prepare(
    `SELECT container, name, etag, parts, properties ->> 'contentMd5' AS md5 FROM blob
     WHERE (container, name) > (?, ?) ORDER BY container, name LIMIT 100`,
  );
  const now = db.prepare('SELECT etag FROM blob WHERE container = ? AND name = ?');
  const bytes = db.prepare('SELECT bytes FROM content WHERE id = ?');
  let hashed = 0;
  let at: [number, string] = [-1, ''];
  for (;;) {
    const rows = page.all(...at) as unknown as BlobRow[];
    for (const row of rows) {
      at = [row.container, row.name];
      if (row.md5 === null) continue;
      const hash = createHash('md5');
      try {
        for (const [id, size] of JSON.parse(row.parts) as [number, number][]) {
          const inline = bytes.get(id)?.bytes;
          if (inline instanceof Uint8Array) hash.update(inline.subarray(0, size));
          else if (size > 0) {
            for await (const chunk of createReadStream(files.path(id), { end: size - 1 })) hash.update(chunk);
          }
        }
      } catch {
        // Deleted meanwhile; else the sizes would have told.
      }
      hashed += 1;
      const same = hash.digest('base64') === row.md5;
      // Written anew meanwhile: then there is nothing to compare.
      if (!same && now.get(row.container, row.name)?.etag === row.etag) {
        wrong.push(
          `The bytes of a blob (content ${row.parts}) are not those that were written: restore it from a backup.`,
        );
      }
    }
    if (rows.length === 0) return hashed;
  }
}
