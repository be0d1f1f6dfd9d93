import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, openApp } from '../../src/app.ts';
import type { Instance } from '../../src/cli/instance.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { Eraser } from '../../src/erasure/eraser.ts';
import { containers } from '../../src/storage/names.ts';
import { Launcher, ROOT } from '../local/launcher/launcher.ts';
import { freePorts, until } from '../local/launcher/support.ts';

const BATCH = 'TelltaleBatch';
/** By where it was planted. */
const MARKERS: Record<string, string> = {
  batch: BATCH,
  name: 'TelltaleName',
  exif: 'TelltaleArtist',
  bytes: 'TelltaleBytes',
  // What is read in samples/sign.jpg.
  text: 'REUNION',
  'text, as it is searched': 'reunion',
};

let home: string;
let data: string;
let launcher: Launcher;
let app: App;

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'imaginem-raw-'));
  data = path.join(home, 'data');
  await mkdir(data, { recursive: true, mode: 0o700 });
  const last: Instance = { pid: 1, startedAt: '', ports: await freePorts(), settings: {}, inherited: [] };
  await writeFile(path.join(data, 'instance.json'), JSON.stringify(last), { mode: 0o600 });
  // Of the text that it read, the engine forgets what nobody may ask for any more.
  launcher = new Launcher(data, { env: { KEEP_EXIF: 'artist', READ_RESULT_SECONDS: '5' } });
  await launcher.said(/Imaginem is running/);
  const { settings } = await launcher.instance();
  app = await openApp({ ...settings, KEEP_EXIF: 'artist' });
}, 240_000);
afterAll(async () => {
  await app?.close();
  launcher?.child.kill('SIGKILL');
  await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

/** In which files of the data folder, raw, what was planted stands: `<file>: <where>`. */
async function found(words: Readonly<Record<string, string | Buffer>> = MARKERS): Promise<string[]> {
  const all: string[] = [];
  for (const entry of await readdir(data, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const content = await readFile(file).catch(() => Buffer.alloc(0));
    for (const [where, word] of Object.entries(words)) {
      const spellings = typeof word === 'string' ? [Buffer.from(word), Buffer.from(word, 'utf16le')] : [word];
      if (spellings.some((spelling) => content.includes(spelling)))
        all.push(`${path.relative(data, file)}: ${where}`);
    }
  }
  return all.sort();
}

async function planted(name: string): Promise<Buffer> {
  const photograph = await sharp(await readFile(path.join(ROOT, 'samples', name)))
    .withExif({ IFD0: { Artist: MARKERS.exif ?? '' } })
    .jpeg({ quality: 95 })
    .toBuffer();
  return Buffer.concat([photograph, Buffer.from(MARKERS.bytes ?? '')]);
}

test('an erased image is in no file of the data folder any more, while it runs and after it has stopped', async () => {
  expect(await found()).toEqual([]);
  for (const sample of ['sign.jpg', 'person-a-1.jpg']) {
    const name = `${BATCH}/${MARKERS.name}-${sample}`;
    await app.storage.blobs.write(containers.input, name, await planted(sample), 'image/jpeg');
  }
  const results = await app.results();
  await until('both have a row', async () => (await results.list({ limit: 10 })).length === 2, 120_000);
  const before = await found();
  for (const where of Object.keys(MARKERS))
    expect(
      before.some((one) => one.endsWith(`: ${where}`)),
      where,
    ).toBe(true);
  const faceprint = firstFaceprint();

  const eraser = new Eraser({ app, log: silentLog, settleMs: 0 });
  const receipt = await eraser.erase({ kind: 'batch', batch: BATCH }, 'tester', AbortSignal.timeout(60_000));
  await until('the receipt is final', async () => {
    await eraser.resume(AbortSignal.timeout(60_000));
    return (await eraser.receipt(receipt?.id ?? ''))?.state === 'final';
  });
  // The storage service empties its log while nothing is written; the engine forgets the text in its time.
  await until('nothing is left', async () => (await found()).length === 0, 60_000).catch(() => undefined);
  expect(await found()).toEqual([]);
  // The face id of the detection holds it for a day, as the receipt says: nothing else does.
  const kept = (await found({ faceprint })).filter((one) => one !== 'engine/engine.db: faceprint');
  expect(kept).toEqual([]);

  // Of a person: the name in its spellings, what else is known, why it was said, and what another organisation wrote.
  const words = { name: 'TelltaleAmal', key: 'telltaleamal', other: 'TelltaleAlias', why: 'TelltaleReason' };
  const { persons } = await app.people();
  const values = { fullName: words.name, alternateNames: [words.other], description: words.other };
  const [one, two] = [await persons.make(values, { by: 'tester' }), await persons.make({}, { by: 'tester' })];
  await persons.merge(one.id, two.id, { by: 'tester', reason: words.why });
  await persons.change(one.id, { description: null }, 'tester');
  const spelled = new Set((await found(words)).map((where) => where.replace(/.*: /, '')));
  expect([...spelled].sort()).toEqual(['key', 'name', 'other', 'why']);
  const erased = await eraser.erase(
    { kind: 'person', persons: [one.id] },
    'tester',
    AbortSignal.timeout(60_000),
  );
  await until('the receipt of the person is final', async () => {
    await eraser.resume(AbortSignal.timeout(60_000));
    return (await eraser.receipt(erased?.id ?? ''))?.state === 'final';
  });
  expect(await found(words)).toEqual([]);

  await app.close();
  launcher.child.kill('SIGTERM');
  await launcher.ended();
  expect(await found()).toEqual([]);
  expect(await found({ faceprint })).toEqual(['engine/engine.db: faceprint']);
}, 300_000);

/** Of the one face that is enrolled. */
function firstFaceprint(): Buffer {
  const database = new DatabaseSync(path.join(data, 'engine/engine.db'), { readOnly: true });
  try {
    const row = database.prepare('SELECT faceprint FROM persisted_face').get();
    return Buffer.from(row?.faceprint as Uint8Array);
  } finally {
    database.close();
  }
}
