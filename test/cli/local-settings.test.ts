import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { localSettingsLines, withLocalSettings } from '../../src/cli/local-settings.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'imaginem-settings-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const write = (value: unknown) =>
  writeFile(
    path.join(folder, 'local.settings.json'),
    `\uFEFF${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );

test('Values complete the environment, which goes before; what npm start brings itself is not taken, and all is said', async () => {
  await write({
    IsEncrypted: false,
    Values: {
      FUNCTIONS_WORKER_RUNTIME: 'node',
      AzureWebJobsStorage: 'UseDevelopmentStorage=true',
      FACE_ENDPOINT: 'http://127.0.0.1:7801',
      COMPUTER_VISION_ENDPOINT: 'https://x.cognitiveservices.azure.com',
      KEEP_EXIF: 'DateTimeOriginal',
      MAX_ATTEMPTS: 3,
      RETENTION_DAYS: '30',
      SQLITE_PATH: 'results.db',
      SQL_SERVER: '',
    },
  });
  const settings = await withLocalSettings({ RETENTION_DAYS: '7', HOME: '/x' }, folder);
  expect(settings.env).toEqual({
    HOME: '/x',
    RETENTION_DAYS: '7',
    COMPUTER_VISION_ENDPOINT: 'https://x.cognitiveservices.azure.com',
    KEEP_EXIF: 'DateTimeOriginal',
    MAX_ATTEMPTS: '3',
  });
  expect(localSettingsLines(settings)).toEqual([
    'Settings from local.settings.json: COMPUTER_VISION_ENDPOINT, KEEP_EXIF, MAX_ATTEMPTS.',
    'The environment goes before local.settings.json: RETENTION_DAYS.',
    'Not taken from local.settings.json, for "npm start" brings its own: AzureWebJobsStorage, FACE_ENDPOINT, SQLITE_PATH.',
  ]);
});

test('of many the first are named, and the others counted', async () => {
  await write({
    Values: Object.fromEntries(['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'].map((name) => [name, 'x'])),
  });
  expect(localSettingsLines(await withLocalSettings({}, folder))).toEqual([
    '8 settings are taken from local.settings.json: A, B, C, D, E, F and 2 more.',
  ]);
});

test('without the file nothing changes and nothing is said', async () => {
  const settings = await withLocalSettings({ HOME: '/x' }, folder);
  expect(settings.env).toEqual({ HOME: '/x' });
  expect(localSettingsLines(settings)).toEqual([]);
});

test.each([
  ['no JSON', '{"Values": {', /not what "func start" reads/],
  ['no texts', { Values: { A: [] } }, /not what "func start" reads/],
  ['encrypted', { IsEncrypted: true, Values: {} }, /is encrypted/],
])('a file that is %s is refused, not passed over', async (_, value, sentence) => {
  await write(value);
  await expect(withLocalSettings({}, folder)).rejects.toThrow(sentence);
});
