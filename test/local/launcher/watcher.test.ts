import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, openApp } from '../../../src/app.ts';
import { watch } from '../../../src/local/launcher/watcher.ts';
import { containers, EVENTS_QUEUE } from '../../../src/storage/names.ts';
import { startAzurite } from '../../support/azurite.ts';
import type { Emulator } from '../../support/running-emulator.ts';

let azurite: Emulator;
let app: App;
beforeAll(async () => {
  // The storage service of our own can list such names.
  azurite = await startAzurite();
  app = await openApp({ AzureWebJobsStorage: azurite.connectionString, SQLITE_PATH: ':memory:' });
  await app.ensure();
});
afterAll(async () => {
  await app?.close();
  await azurite?.stop();
});

const drop = (name: string) =>
  app.storage.blobs.write(containers.input, name, Buffer.from('bytes'), 'application/octet-stream');
const events = async () => (await app.storage.queues.look(EVENTS_QUEUE))?.messages ?? 0;

test('a name that the emulator cannot list is told of once, with what to do; without it all goes on', async () => {
  const said: string[] = [];
  const ending = new AbortController();
  const watching = watch(app.reconciler(Number.NEGATIVE_INFINITY), {
    say: (sentence) => said.push(sentence),
    signal: ending.signal,
    lookEveryMs: 20,
  });
  await drop('first.jpg');
  await expect.poll(events, { timeout: 30_000 }).toBe(1);
  await drop('not-a-character-\uffff');
  await drop('second.jpg');
  await expect.poll(() => said.length, { timeout: 60_000 }).toBe(1);
  expect(said[0]).toContain('Delete that blob by its name');
  await app.storage.blobs.delete(containers.input, 'not-a-character-\uffff');
  await expect.poll(() => said.slice(1), { timeout: 60_000 }).toEqual(['New images are seen again.']);
  expect(await events()).toBe(2);
  ending.abort();
  await watching;
}, 180_000);
