import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { headsIn, noteHead, verifyAgainst } from '../../src/admin/audit-heads.ts';
import { isSigned, noteOf, notesIn } from '../../src/audit/noted-head.ts';
import { SqliteDatabase } from '../../src/database/sqlite.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { readSettings } from '../../src/domain/settings.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import { openStorage } from '../../src/storage/account.ts';
import { type Emulator, startEmulator } from '../support/emulator.ts';

const KEY = 'a key of thirty-two characters or more';
let emulator: Emulator;
let store: SqlResultStore;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-heads-'));
  emulator = await startEmulator();
  store = new SqlResultStore(await SqliteDatabase.open(join(folder, 'results.db')));
  await store.migrate();
});
afterAll(async () => {
  await store?.close();
  await emulator?.stop();
  await rm(folder, { recursive: true, force: true });
});

const record = () => store.audit.record({ who: 'ada', action: 'results.exported' });

test('the head is noted in the log, signed, and as a blob that is written once; verify compares with both', async () => {
  const settings = readSettings({
    AzureWebJobsStorage: emulator.connectionString,
    AUDIT_SIGNING_KEY: KEY,
    AUDIT_HEADS_CONTAINER: 'auditheads',
  });
  const { blobs } = (await openStorage(settings, {} as never)) as Awaited<ReturnType<typeof openStorage>>;
  const lines: string[] = [];
  const log = {
    ...silentLog,
    info: (event: string, fields = {}) => void lines.push(JSON.stringify({ event, ...fields })),
  };
  const app = { settings, storage: { blobs }, clock: Date.now, results: async () => store };

  expect(await noteHead(app, log, 0)).toBe(0);
  await record();
  expect(await noteHead(app, log, 0)).toBe(1);
  // Nothing new; and another instance that notes the same.
  expect(await noteHead(app, log, 1)).toBe(1);
  expect(await noteHead(app, log, 0)).toBe(1);
  await record();
  expect(await noteHead(app, log, 1)).toBe(2);
  const heads = await headsIn(blobs, 'auditheads');
  expect(heads.map(({ sequence }) => sequence)).toEqual([1, 2]);

  const texts = [`[2026-11-30] host: ${lines.join('\n[2026-11-30] host: ')}`];
  expect(await verifyAgainst(store.audit, KEY, { texts, heads })).toMatchObject({ problems: [], noted: 5 });

  // Somebody has written another end, and noted it as he could.
  const other = noteOf({ sequence: 2, hash: 'f'.repeat(64) }, '2026-11-30T00:00:00.000Z', 'some other key');
  const forged = await verifyAgainst(store.audit, KEY, { texts: [other], heads: [] });
  expect(forged.problems.map(({ message }) => message)).toEqual([
    'Entry 2 has another hash than the one you noted: it was replaced.',
    expect.stringContaining('is not signed by this app'),
  ]);
  const beyond = await verifyAgainst(store.audit, KEY, {
    texts: [noteOf({ sequence: 7, hash: 'f'.repeat(64) }, '2026-11-30T00:00:00.000Z', KEY)],
    heads: [],
  });
  expect(beyond.problems.map(({ message }) => message)).toEqual(['Entries 3 to 7 are missing.']);
});

test('a note is found in whatever a log makes of its line, and any change of it is seen', () => {
  const note = noteOf({ sequence: 12, hash: 'a'.repeat(64) }, '2026-11-30T00:00:00.000Z', KEY);
  const [found] = notesIn(`"{""event"":""audit.head"",""note"":""${note}""}",x`);
  expect(found).toMatchObject({ sequence: 12, hash: 'a'.repeat(64) });
  expect(found && isSigned(found, KEY)).toBe(true);
  for (const [part, other] of [
    ['12:', '13:'],
    ['aaaa', 'bbbb'],
    ['00:00.000Z', '00:01.000Z'],
  ] as const) {
    const [changed] = notesIn(note.replace(part, other));
    expect(changed && isSigned(changed, KEY), part).toBe(false);
  }
  const [unsigned] = notesIn(
    noteOf({ sequence: 1, hash: 'a'.repeat(64) }, '2026-11-30T00:00:00.000Z', undefined),
  );
  expect(unsigned && isSigned(unsigned, KEY)).toBe(false);
  expect(notesIn('1:2:3 no note at all')).toEqual([]);
});
