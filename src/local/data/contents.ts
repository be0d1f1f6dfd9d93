import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

/** A content that is a file: its number, and the bytes that blobs read of it. */
interface FileContent {
  readonly id: number;
  readonly size: number;
}

/** All contents that are files, by what a storage database says of its blobs and of blocks that wait. */
export function* fileContents(db: DatabaseSync): Generator<FileContent> {
  const isFile = db.prepare('SELECT 1 FROM content WHERE id = ? AND bytes IS NULL');
  const parts = db.prepare('SELECT parts FROM blob');
  for (const row of parts.iterate()) {
    for (const [id, size] of JSON.parse(String(row.parts)) as [number, number][]) {
      if (isFile.get(id)) yield { id, size };
    }
  }
  for (const row of db.prepare('SELECT content, size FROM uncommitted_block').iterate()) {
    const id = Number(row.content);
    if (isFile.get(id)) yield { id, size: Number(row.size) };
  }
}

/** Numbers of contents that a blob or a block names and that have no row: their bytes are lost. */
export function danglingContents(db: DatabaseSync): number[] {
  const rows = db
    .prepare(
      `SELECT DISTINCT part.value ->> 0 AS id FROM blob, json_each(blob.parts) AS part
       WHERE NOT EXISTS (SELECT 1 FROM content WHERE content.id = part.value ->> 0)
       UNION SELECT content FROM uncommitted_block AS block
       WHERE NOT EXISTS (SELECT 1 FROM content WHERE content.id = block.content)`,
    )
    .all();
  return rows.map(({ id }) => Number(id));
}

/** Every file under a folder of contents, by its number. */
export async function* filesOf(folder: string): AsyncGenerator<{ id: number; file: string }> {
  for (const group of await readdir(folder).catch(() => [])) {
    for (const name of await readdir(path.join(folder, group)).catch(() => [])) {
      if (/^\d+$/.test(name)) yield { id: Number(name), file: path.join(folder, group, name) };
    }
  }
}

/** @returns undefined where there is no such file */
export async function sizeOf(file: string): Promise<number | undefined> {
  return stat(file).then(
    ({ size }) => size,
    () => undefined,
  );
}
