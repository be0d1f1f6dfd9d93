import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { startStorage } from '../../storage/start.ts';
import { ACCOUNT_FILE, DATABASE_FILE } from '../../storage/state/database.ts';
import type { DataFolder } from '../data-folder.ts';
import { AZURITE_ACCOUNT } from '../storage-account.ts';
import { clientsOf } from './accounts.ts';
import { type BlobVersion, copyBlobs, copyMessages, copyTables, countMessages } from './copy.ts';
import { copyForReading, startReading } from './reading.ts';

const HOUR_MS = 3600_000;
/** Messages put back for later are read by a clock set so far ahead, in turn, until all are there. */
const AHEAD_MS = [0, 2 * HOUR_MS, 25 * HOUR_MS, 6.9 * 24 * HOUR_MS];

/**
 * Reads the data that Azurite left in a folder once, through Azurite's own endpoints, into a storage of our own; then puts it
 * aside. It is read from a copy, so that nothing of it changes: interrupted, it begins again.
 *
 * @throws {Error} in a sentence, with everything as it was
 */
export async function moveIn(
  folder: DataFolder,
  clock: () => number,
  say: (sentence: string) => void,
): Promise<void> {
  const draft = `${folder.storage}.moving`;
  const reading = `${folder.azurite}.reading`;
  say("The data of this folder is Azurite's. It is copied into the storage of this version, once ...");
  await rm(draft, { recursive: true, force: true });
  await copyForReading(folder.azurite, reading);
  const { name, key } = AZURITE_ACCOUNT;
  // The addresses of all images have the account's name in them: it stays.
  const own = await startStorage({
    folder: draft,
    accounts: [{ name, keys: [randomBytes(64).toString('base64')] }],
  });
  let versions: BlobVersion[] = [];
  let entities = 0;
  let messages = 0;
  let expected = 0;
  try {
    const to = clientsOf(own.connectionString);
    const seen = new Set<string>();
    for (const ahead of AHEAD_MS) {
      const azurite = await startReading(reading, ahead);
      try {
        const address = (service: 'Blob' | 'Queue' | 'Table') =>
          `${service}Endpoint=${azurite.endpoint(service)}/${name}`;
        const from = clientsOf(
          `DefaultEndpointsProtocol=http;AccountName=${name};AccountKey=${key};${address('Blob')};${address('Queue')};${address('Table')}`,
        );
        if (ahead === 0) {
          versions = await copyBlobs(from, to);
          entities = await copyTables(from, to);
          expected = await countMessages(from);
        }
        messages += await copyMessages(from, to, seen);
      } finally {
        await azurite.stop();
      }
      if (messages >= expected) break;
    }
    if (messages < expected) {
      throw new Error(
        `${expected - messages} of ${expected} messages in Azurite's queues could not be read. Nothing was changed; start with "--storage azurite" to go on there.`,
      );
    }
  } finally {
    await own.close();
  }
  keepVersions(path.join(draft, DATABASE_FILE), versions, entities, messages);
  await writeFile(path.join(draft, ACCOUNT_FILE), name, { mode: 0o600, flush: true });
  await rm(reading, { recursive: true, force: true });
  await rename(draft, folder.storage);
  const aside = `${folder.azurite}-moved-${new Date(clock()).toISOString().slice(0, 10)}`;
  await rename(folder.azurite, aside);
  say(
    `Copied ${versions.length} blobs, ${entities} entities and ${messages} messages. What Azurite had is in ${aside}: delete it once you are content.`,
  );
}

/** A blob keeps its ETag and times, of which job ids are made; then everything is counted. */
function keepVersions(
  file: string,
  versions: readonly BlobVersion[],
  entities: number,
  messages: number,
): void {
  const db = new DatabaseSync(file);
  try {
    db.exec('PRAGMA synchronous = FULL; BEGIN IMMEDIATE');
    const set = db.prepare(
      `UPDATE blob SET etag = ?, created = ?, modified = ?
       WHERE name = ? AND container = (SELECT number FROM container WHERE name = ?)`,
    );
    for (const { container, name, etag, created, modified } of versions) {
      set.run(etag, created, modified, name, container);
    }
    db.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
    const count = (table: string) => Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
    const found = [count('blob'), count('entity'), count('message')].join(', ');
    const wanted = [versions.length, entities, messages].join(', ');
    if (found !== wanted) {
      throw new Error(
        `The copy of Azurite's data has ${found} blobs, entities and messages of ${wanted}. Nothing was changed.`,
      );
    }
  } finally {
    db.close();
  }
}
