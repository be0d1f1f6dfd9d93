import { TableClient, TableServiceClient } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { raw } from '../../src/database/sql.ts';
import { inResultsOf, tablesOf } from '../support/results-of.ts';

/** Where everything is, for those who look at it past the app. */
export interface Outside {
  connectionString: string;
  /** Settings that name the database of the results. */
  env: Readonly<Record<string, string | undefined>>;
  engineUrl: string;
}

const insecure = { allowInsecureConnection: true };

/** Every container, queue, table and SQL table there is, by the names that the map of the data gives them. */
export async function everyStore({ connectionString, env }: Outside): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of BlobServiceClient.fromConnectionString(connectionString).listContainers())
    names.push(`blob:${name}`);
  for await (const { name } of QueueServiceClient.fromConnectionString(connectionString).listQueues())
    names.push(`queue:${name}`);
  for await (const { name } of TableServiceClient.fromConnectionString(
    connectionString,
    insecure,
  ).listTables())
    names.push(`table:${name}`);
  for (const name of await inResultsOf(env, tablesOf)) names.push(`sql:${name}`);
  return names.sort();
}

/**
 * Every place in which one of these words stands: in a name or in what is stored, of blobs, rows of tables and of the
 * database, messages, and faces in the lists of the engine. But for opaque ids in the audit, which can only be added to.
 */
export async function everywhere(outside: Outside, words: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  const look = (where: string, text: string) => {
    for (const word of words) if (text.includes(word)) found.push(`${where}: ${word}`);
  };
  const { connectionString, env, engineUrl } = outside;
  const blobs = BlobServiceClient.fromConnectionString(connectionString);
  for await (const { name: container } of blobs.listContainers()) {
    const client = blobs.getContainerClient(container);
    for await (const { name } of client.listBlobsFlat()) {
      const content = await client.getBlobClient(name).downloadToBuffer();
      look(`blob ${container}`, `${name}\n${content.toString('latin1')}`);
    }
  }
  for await (const { name = '' } of TableServiceClient.fromConnectionString(
    connectionString,
    insecure,
  ).listTables()) {
    const table = TableClient.fromConnectionString(connectionString, name, insecure);
    for await (const row of table.listEntities()) look(`table ${name}`, JSON.stringify(row));
  }
  const queues = QueueServiceClient.fromConnectionString(connectionString);
  for await (const { name } of queues.listQueues()) {
    const { peekedMessageItems } = await queues.getQueueClient(name).peekMessages({ numberOfMessages: 32 });
    for (const { messageText } of peekedMessageItems) look(`queue ${name}`, messageText);
  }
  await inResultsOf(env, async (database) => {
    for (const table of await tablesOf(database)) {
      const [rows = []] = await database.read([raw(`SELECT * FROM ${table}`)]);
      for (const row of rows)
        look(`sql ${table}`, table === 'audit_entry' ? withoutIds(row) : JSON.stringify(row));
    }
  });
  for (const key of await enrolledKeys(engineUrl)) look('face lists', key);
  return found;
}

/** The audit's row without the opaque ids of what it is about. */
const withoutIds = (row: object): string =>
  JSON.stringify(row).replace(/(image|face|deadletter):[0-9a-fx-]+/g, '');

/** The face keys of all faces that the engine's lists hold. */
export async function enrolledKeys(engineUrl: string): Promise<string[]> {
  const keys: string[] = [];
  for (const [kind, idName, facesOf] of [
    ['facelists', 'faceListId', (id: string) => `facelists/${id}`],
    ['largefacelists', 'largeFaceListId', (id: string) => `largefacelists/${id}/persistedfaces?top=1000`],
  ] as const) {
    for (const list of await json<Record<string, string>[]>(`${engineUrl}/face/v1.0/${kind}`)) {
      const answer = await json<unknown>(`${engineUrl}/face/v1.0/${facesOf(list[idName] ?? '')}`);
      const faces = Array.isArray(answer) ? answer : (answer as { persistedFaces: unknown[] }).persistedFaces;
      keys.push(...(faces as { userData: string }[]).map(({ userData }) => userData));
    }
  }
  return keys;
}

async function json<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The engine answered ${response.status}.`);
  return (await response.json()) as T;
}
