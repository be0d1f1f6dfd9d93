import { userInfo } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog } from '../../src/domain/ports.ts';
import { matching } from '../results/fixtures.ts';
import { openCommandLine } from '../support/command-line.ts';
import { jpeg } from '../support/images.ts';

let cli: Awaited<ReturnType<typeof openCommandLine>>;
beforeAll(async () => {
  cli = await openCommandLine();
  const store = await cli.app.results();
  await store.save(matching('a', ['b'], { batchId: 'The Lopez family' }));
  await store.save(matching('b', [], { batchId: 'The Lopez family' }));
});
afterAll(() => cli?.close());

interface Entry {
  who: string;
  action: string;
  about: string[];
  detail: Record<string, unknown>;
}
const entries = async (...options: string[]): Promise<Entry[]> =>
  JSON.parse((await cli.imaginem('audit', 'list', '--json', ...options)).out);
const latest = async () => (await entries('--limit', '1'))[0];

test('an empty trail is whole', async () => {
  expect(await cli.imaginem('audit', 'list')).toMatchObject({ code: 0, out: 'No entries.' });
  expect(await cli.imaginem('audit', 'verify')).toMatchObject({
    code: 0,
    out: '0 entries, none missing, changed or moved.',
  });
});

test('what is read, exported and done again at the command line is recorded, with who did it', async () => {
  const about = [expect.stringMatching(/^batch:h/)];
  await cli.imaginem('matches', 'a');
  expect(await latest()).toMatchObject({ action: 'face.matches.read', detail: { matches: 1 } });
  expect((await latest())?.who).toContain(userInfo().username);
  await cli.imaginem('results', '--batch', 'The Lopez family', '--text', 'maria');
  expect(await latest()).toMatchObject({
    action: 'results.read',
    about,
    detail: { filters: ['batchId', 'text'] },
  });
  await cli.imaginem('sql', "SELECT id FROM pipeline_output WHERE text = 'maria'");
  expect(await latest()).toMatchObject({ action: 'results.queried', about: [], detail: { rows: 0 } });
  await cli.imaginem('export', '--batch', 'The Lopez family');
  expect(await latest()).toMatchObject({
    action: 'results.exported',
    about,
    detail: { rows: 2, format: 'jsonl' },
  });
  await cli.imaginem('rerun', '--failed', '--batch', 'The Lopez family', '--dry-run');
  expect((await latest())?.action).toBe('results.exported');
  // Nothing is done again, and nothing exported: nobody did it.
  await cli.imaginem('rerun', '--failed', '--batch', 'The Lopez family');
  await cli.imaginem('export', '--out', cli.home);
  expect((await latest())?.action).toBe('results.exported');
  expect(await entries()).toHaveLength(4);
  await cli.app.storage.blobs.write('inputimages', 'again/a.jpg', await jpeg(), 'image/jpeg');
  await cli.app.admission.admitBlob('again/a.jpg', undefined, silentLog);
  expect((await cli.imaginem('rerun', '--all', '--image', 'again/a.jpg')).code).toBe(0);
  expect(await latest()).toMatchObject({
    action: 'image.rerun',
    about: [expect.stringMatching(/^image:/)],
    detail: { which: 'all', step: null },
  });
});

test('replayed and dropped dead letters are recorded, one by one', async () => {
  const error = { code: 'ContractError', message: 'why' };
  const event = JSON.stringify({ eventType: 'Microsoft.Storage.BlobDeleted', subject: '/x' });
  const letters = [];
  for (const message of ['{}', '{"a":1}']) {
    letters.push(await cli.app.deadLetters.record({ queue: 'ocr', error, message }));
  }
  const replayed = await cli.app.deadLetters.record({ queue: 'inputimages-events', error, message: event });
  await cli.imaginem('poison', 'replay', replayed, '--dry-run');
  await cli.imaginem('poison', 'drop', '--all', '--dry-run');
  expect((await latest())?.action).toBe('image.rerun');
  await cli.imaginem('poison', 'replay', replayed);
  expect(await latest()).toMatchObject({ action: 'deadletter.replayed', about: [`deadletter:${replayed}`] });
  await cli.imaginem('poison', 'drop', ...letters, '--yes');
  const dropped = await entries('--action', 'deadletter.dropped');
  expect(dropped.flatMap((entry) => entry.about).sort()).toEqual(
    letters.map((id) => `deadletter:${id}`).sort(),
  );
});

test('is shown as a table, by action, image and batch, and names nobody', async () => {
  const { out, code } = await cli.imaginem('audit', 'list');
  expect(code).toBe(0);
  expect(out).toMatch(/results\.exported[\s\S]*entries\.$/);
  expect(out).not.toMatch(/lopez|maria/i);
  expect((await entries('--image', 'a')).map(({ action }) => action)).toEqual(['face.matches.read']);
  expect(await entries('--batch', 'another')).toEqual([]);
  expect(await cli.imaginem('audit', 'list', '--action', 'nonsense')).toMatchObject({ code: 2 });
  expect(await cli.imaginem('audit', 'list', '--image', 'a', '--batch', 'b')).toMatchObject({ code: 2 });
  expect(await cli.imaginem('audit', 'verify', '--expect', 'x')).toMatchObject({ code: 2 });
});

test('outlives "clear", which is in it', async () => {
  const before = (await entries()).length;
  await cli.imaginem('clear', '--yes');
  expect(await latest()).toMatchObject({ action: 'instance.cleared', detail: { images: 2 } });
  expect(await entries()).toHaveLength(before + 1);
});

test('verify names the entry that was changed, and fails', async () => {
  const whole = await cli.imaginem('audit', 'verify');
  const [, head = ''] = /^Head: (\S+)$/m.exec(whole.out) ?? [];
  expect(whole).toMatchObject({ code: 0 });
  expect(await cli.imaginem('audit', 'verify', '--expect', head)).toMatchObject({ code: 0 });
  const database = new DatabaseSync(path.join(cli.home, 'results.db'));
  database.exec(
    "DROP TRIGGER audit_entry_no_update; UPDATE audit_entry SET who = 'nobody' WHERE sequence = 2",
  );
  database.close();
  const broken = await cli.imaginem('audit', 'verify');
  expect(broken.code).toBe(1);
  expect(broken.out).toMatch(/Entry 2 is not what its hash was made of[\s\S]*the trail is not whole/);
  const json = await cli.imaginem('audit', 'verify', '--json');
  expect(json.code).toBe(1);
  expect(JSON.parse(json.out).problems).toMatchObject([{ sequence: 2, kind: 'altered' }]);
});
