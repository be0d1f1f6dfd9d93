import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCheck } from '../../../src/api/health/check.ts';
import { checksOf } from '../../../src/api/health/checks.ts';
import { healthOf } from '../../../src/api/health/health.ts';
import { type App, openApp } from '../../../src/app.ts';
import { doubtClock } from '../../../src/erasure/clock-doubt.ts';
import { containers } from '../../../src/storage/names.ts';
import { type Emulator, startEmulator } from '../../support/emulator.ts';
import { type Stub, startStub } from '../../vision/support/stub-server.ts';

let emulator: Emulator;
let vision: Stub;
let folder: string;
let env: Record<string, string>;
let app: App;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imaginem-health-'));
  [emulator, vision] = await Promise.all([startEmulator(), startStub(() => ({ status: 404 }))]);
  env = {
    AzureWebJobsStorage: emulator.connectionString,
    COMPUTER_VISION_ENDPOINT: vision.url,
    COMPUTER_VISION_KEY: 'a-secret-key',
    FACE_ENDPOINT: vision.url,
    FACE_KEY: 'a-secret-key',
    SQLITE_PATH: join(folder, 'results.db'),
  };
  app = await openApp(env);
  await app.ensure();
});
afterAll(async () => {
  await app?.close();
  await vision?.close();
  await emulator?.stop();
  await rm(folder, { recursive: true, force: true });
});

const askNow = (of: App, send?: typeof fetch) =>
  healthOf(checksOf({ app: of, refusal: undefined }, send), Date.now)();
const problemsOf = async (of: App, name: string) =>
  (await askNow(of)).checks.find((check) => check.name === name)?.problems;

test('an app with all its services is well, and says how its pipeline stands', async () => {
  const health = await askNow(app);
  expect(health.status, JSON.stringify(health)).toBe('ok');
  expect(health.checks.map(({ name, status }) => `${name}: ${status}`)).toEqual([
    'settings: ok',
    'start-up: ok',
    'storage: ok',
    'database: ok',
    'Computer Vision: ok',
    'Face: ok',
    'queues: ok',
    'retention: ok',
    'dead letters: ok',
  ]);
  expect(health.checks[0]?.figures).toMatchObject({ pipeline: app.pipeline });
  expect(JSON.stringify(health)).not.toMatch(/secret|AccountKey/);
});

test('a missing endpoint is named, with the setting to set', async () => {
  const { FACE_ENDPOINT: _, ...without } = env;
  const other = await openApp(without);
  const health = await askNow(other);
  expect(health.status).toBe('not ok');
  expect(await problemsOf(other, 'settings')).toEqual([
    { problem: expect.stringContaining('FACE_ENDPOINT'), remedy: expect.stringContaining('FACE_ENDPOINT') },
  ]);
});

test('a missing database is named', async () => {
  const { SQLITE_PATH: _, ...without } = env;
  expect(await problemsOf(await openApp(without), 'database')).toEqual([
    { problem: expect.stringContaining('SQL_SERVER'), remedy: 'Correct the app setting.' },
  ]);
});

test('a vision service that does not answer is named, and why', async () => {
  const gone = await startStub(() => ({}));
  await gone.close();
  const other = await openApp({ ...env, FACE_ENDPOINT: gone.url });
  expect(await problemsOf(other, 'Face')).toEqual([
    { problem: 'Face cannot be reached (ECONNREFUSED).', remedy: expect.any(String) },
  ]);
  expect(await problemsOf(other, 'Computer Vision')).toEqual([]);
});

test('a container that somebody deleted is named, with what becomes of it', async () => {
  const service = BlobServiceClient.fromConnectionString(emulator.connectionString);
  await service.getContainerClient(containers.renditions).delete();
  expect(await problemsOf(app, 'storage')).toEqual([
    { problem: 'The container renditions is missing.', remedy: expect.stringMatching(/made again/) },
  ]);
  await app.storage.blobs.write(containers.renditions, 'one', Buffer.from('x'), 'text/plain');
  expect(await problemsOf(app, 'storage')).toEqual([]);
});

test('a disk that is full is named, with what to do: reads alone would not tell', async () => {
  const upsert = () =>
    Promise.reject(Object.assign(new Error('full'), { statusCode: 507, code: 'InsufficientStorage' }));
  const tables = { table: (name: string) => Object.assign(app.storage.tables.table(name), { upsert }) };
  const storage = Object.assign(Object.create(app.storage), { tables });
  const full = Object.assign(Object.create(app), { storage }) as App;
  expect(await problemsOf(full, 'storage')).toEqual([
    {
      problem: expect.stringContaining('disk that holds the data folder is full'),
      remedy: expect.any(String),
    },
  ]);
  expect(await problemsOf(app, 'storage')).toEqual([]);
});

test('storage that is away is named without its address', async () => {
  const closed = { blob: 1, queue: 1, table: 1 };
  const connection = emulator.connectionString.replace(/127\.0\.0\.1:\d+/g, `127.0.0.1:${closed.blob}`);
  const health = await askNow(await openApp({ ...env, AzureWebJobsStorage: connection }));
  const failed = health.checks.filter(({ status }) => status === 'failed').map(({ name }) => name);
  expect(failed).toEqual(['storage', 'queues', 'dead letters']);
  expect(JSON.stringify(health)).not.toContain('127.0.0.1');
});

test('a message that nobody takes is a problem of its queue after a quarter of an hour, not before', async () => {
  await app.storage.queues.send('ocr', '{}');
  const later = (minutes: number): App => ({ ...app, clock: () => Date.now() + minutes * 60_000 });
  expect(await problemsOf(later(14), 'queues')).toEqual([]);
  expect(await problemsOf(later(20), 'queues')).toEqual([
    { problem: expect.stringMatching(/^Queue ocr: .* 20 minutes\.$/), remedy: expect.any(String) },
  ]);
  const figures = (await askNow(app)).checks.find(({ name }) => name === 'queues')?.figures;
  expect(figures).toEqual({ ocr: { messages: 1, oldestSeconds: expect.any(Number) } });
});

test('a clock by which nothing is erased is a warning, with both times and what to do', async () => {
  const now = Date.parse('2026-12-01T02:40:00.000Z');
  for (const at of [now, now + 400 * 24 * 3_600_000]) await doubtClock(app.storage, at);
  const [problem] = (await problemsOf(app, 'retention')) ?? [];
  expect(problem).toMatchObject({
    problem: expect.stringContaining('2028-01-05T02:40:00.000Z, and was last believed at 2026-12-01'),
    remedy: expect.stringContaining('set it right'),
  });
  expect((await askNow(app)).status).toBe('ok');
  await doubtClock(app.storage, now);
  expect(await problemsOf(app, 'retention')).toEqual([]);
});

test('dead letters are a warning with their number: images flow on', async () => {
  const error = { code: 'NotJson', message: 'no' };
  await app.deadLetters.record({ queue: 'ocr', error, message: '{' });
  const health = await askNow(app);
  expect(health.status).toBe('ok');
  expect(health.checks.at(-1)).toMatchObject({ status: 'warning', figures: { count: 1 } });
});

test('what takes too long is a problem of its own', async () => {
  const check = { name: 'slow', run: () => new Promise<never>(() => {}) };
  expect(await runCheck(check, 20)).toMatchObject({
    status: 'failed',
    problems: [{ problem: 'No answer within 0.02 s.' }],
  });
});

test('a refusal says that a role is missing', async () => {
  const run = () =>
    Promise.reject(Object.assign(new Error('secret'), { code: 'AuthorizationFailure', statusCode: 403 }));
  const { problems } = await runCheck({ name: 'storage', run });
  expect(problems).toEqual([
    { problem: 'AuthorizationFailure (HTTP 403).', remedy: expect.stringContaining('role') },
  ]);
});

test('many callers at once, and soon after, are one question', async () => {
  let asked = 0;
  let now = 0;
  const check = {
    name: 'x',
    run: async () => {
      asked += 1;
      return {};
    },
  };
  const health = healthOf([check], () => now);
  await Promise.all(Array.from({ length: 20 }, health));
  now = 9_999;
  await health();
  expect(asked).toBe(1);
  now = 10_000;
  await health();
  expect(asked).toBe(2);
});
