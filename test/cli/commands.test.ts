import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, openApp } from '../../src/app.ts';
import { type Instance, writeInstance } from '../../src/cli/instance.ts';
import { run } from '../../src/cli/program.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { containers, EVENTS_QUEUE } from '../../src/storage/names.ts';
import { freePorts } from '../local/launcher/support.ts';
import { image, matching } from '../results/fixtures.ts';
import { type Emulator, startEmulator } from '../support/emulator.ts';
import { jpeg, quadrants } from '../support/images.ts';

let emulator: Emulator;
let home: string;
let env: Record<string, string>;
let app: App;

beforeAll(async () => {
  emulator = await startEmulator();
  home = await mkdtemp(path.join(tmpdir(), 'imaginem-cli-'));
  env = {
    AzureWebJobsStorage: emulator.connectionString,
    SQLITE_PATH: path.join(home, 'results.db'),
    IMAGINEM_DATA: path.join(home, 'nothing-here'),
  };
  app = await openApp(env);
  await app.ensure();
  const store = await app.results();
  await store.save(
    image('sign', {
      text: 'REUNION CENTRE\u001b[2J 42',
      caption: 'a sign',
      tags: [
        { name: 'text', confidence: 0.7 },
        { name: 'person', confidence: 0.9 },
      ],
      finishedAt: '2026-11-23T12:00:01.000Z',
    }),
  );
  const steps = Object.fromEntries(
    ['ocr', 'facedetection', 'faceprint', 'facematch'].map((step) => [
      step,
      { state: 'done', attempts: 1 } as const,
    ]),
  );
  await store.save(matching('left', ['right'], { steps, finishedAt: '2026-11-23T12:00:02.000Z' }));
  await store.save(matching('right', ['left'], { steps, finishedAt: '2026-11-23T12:00:03.000Z' }));
  await store.save(
    image('empty', {
      steps: { facedetection: { state: 'done', attempts: 1 } },
      finishedAt: '2026-11-23T12:00:00.000Z',
    }),
  );
  await store.save(
    image('broken', {
      batchId: 'other',
      status: 'rejected',
      reason: { code: 'NotAnImage', message: 'The file is text.' },
      finishedAt: '2026-11-23T12:00:04.000Z',
    }),
  );
});
afterAll(async () => {
  await app?.close();
  await emulator?.stop();
  await rm(home, { recursive: true, force: true });
});

/** Runs a command line as a person would. */
async function imaginem(...argv: string[]) {
  return imaginemIn(env, ...argv);
}

async function imaginemIn(where: Record<string, string>, ...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await run(argv, {
    env: where,
    screen: {
      line: (text = '') => out.push(text),
      lines: async (text) => void out.push(text.replace(/\n$/, '')),
      progress: () => ({ at() {}, end() {} }),
      close() {},
    },
    complain: (text) => err.push(text),
    signal: new AbortController().signal,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('results', () => {
  test('shows a table of what was found, free of control characters', async () => {
    const { code, out } = await imaginem('results', '--batch', 'batch');
    expect(code).toBe(0);
    expect(out).toMatch(/batch\/sign\.jpg .*done .*person, text .*REUNION CENTRE/);
    expect(out).toMatch(/batch\/left\.jpg .* 1 .*│ right\.jpg 0\.70/);
    expect(out).toMatch(/4 images\.$/);
    expect(out).not.toContain('\u001b');
  });

  test('--json prints an array of rows with the documented fields', async () => {
    const { out } = await imaginem('results', '--json');
    const rows = JSON.parse(out);
    expect(rows.map((row: { id: string }) => row.id)).toEqual(['broken', 'right', 'left', 'sign', 'empty']);
    expect(rows[0]).toMatchObject({ status: 'rejected', reason: { code: 'NotAnImage' }, batch_id: 'other' });
    expect(rows[2]).toMatchObject({
      image_url: 'http://127.0.0.1:10000/store/inputimages/batch/left.jpg',
      run: 0,
      processing_pipeline: ['ocr', 'pipelineoutput'],
      job_output: { ocr: { OCR_fullText: '' } },
      status: 'done',
      tags: [],
      text: '',
      faces: [{ face: 'left-0' }],
      matches: [{ image_url: 'http://127.0.0.1:10000/store/inputimages/batch/right.jpg', confidence: 0.7 }],
    });
    expect(rows[3].text).toBe('REUNION CENTRE\u001b[2J 42');
  });

  test('--json of nothing is an empty array', async () => {
    expect(JSON.parse((await imaginem('results', '--batch', 'none', '--json')).out)).toEqual([]);
    expect((await imaginem('results', '--batch', 'none')).out).toBe('No images.');
  });

  test.each([
    [['--tag', 'Person'], ['sign']],
    [['--text', 'reun*'], ['sign']],
    [['--text', 'absent'], []],
    [['--status', 'rejected'], ['broken']],
  ])('filters by %j', async (filter, ids) => {
    const rows = JSON.parse((await imaginem('results', ...filter, '--json')).out);
    expect(rows.map((row: { id: string }) => row.id)).toEqual(ids);
  });
});

describe('matches', () => {
  test.each([
    'left',
    'left.jpg',
    'batch/left.jpg',
    'http://127.0.0.1:10000/store/inputimages/batch/left.jpg',
  ])('finds the image by %s and shows who may look alike, as possible only', async (asked) => {
    const { code, out } = await imaginem('matches', asked);
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      'batch/left.jpg (face 1 of 1)  possible match  batch/right.jpg  somewhat alike (0.70)',
      'How often such a likeness is somebody else was not measured.',
    ]);
  });

  test('says why there is none', async () => {
    const sign = await imaginem('matches', 'sign');
    expect(sign.out).toMatch(/faces were not looked for: its pipeline has no step "facedetection"/);
    expect(sign.code).toBe(1);
    expect(JSON.parse((await imaginem('matches', 'sign', '--json')).out)).toMatchObject({
      looked_for: { state: 'notAsked', step: 'facedetection' },
      matches: [],
    });
    expect((await imaginem('matches', 'empty')).out).toMatch(
      /no possible match: faces were looked for, and none was found/,
    );
    expect((await imaginem('matches', 'broken')).out).toMatch(
      /nothing was looked for in it\. The file is text\./,
    );
  });

  test('says what to do about an image that has no row', async () => {
    const { code, err } = await imaginem('matches', 'batch/absent.jpg');
    expect(code).toBe(1);
    expect(err).toMatch(/^There is no image "batch\/absent\.jpg" here\./);
  });
});

describe('sql', () => {
  test('prints a table, or JSON', async () => {
    const query = 'SELECT name FROM image_tag ORDER BY name';
    expect((await imaginem('sql', query)).out).toMatch(
      /│ name +│[\s\S]*│ person │[\s\S]*│ text +│[\s\S]*2 rows\.$/,
    );
    expect(JSON.parse((await imaginem('sql', query, '--json')).out)).toEqual([
      { name: 'person' },
      { name: 'text' },
    ]);
  });

  test.each(['DELETE FROM image_tag', 'SELECT 1; DROP TABLE image_tag', 'SELECT nonsense FROM nowhere'])(
    'refuses %s in one sentence',
    async (query) => {
      const { code, out, err } = await imaginem('sql', query);
      expect(code).toBe(1);
      expect(out).toBe('');
      expect(err).not.toMatch(/\n/);
      expect((await imaginem('sql', 'SELECT name FROM image_tag')).out).toMatch(/2 rows/);
    },
  );
});

describe('submit and status', () => {
  let folder: string;
  beforeAll(async () => {
    folder = path.join(home, 'photos');
    await mkdir(path.join(folder, 'day1'), { recursive: true });
    await writeFile(path.join(folder, 'a.jpg'), await jpeg());
    await writeFile(path.join(folder, 'day1', 'b.jpg'), await jpeg(quadrants(80, 80)));
    await writeFile(path.join(folder, 'notes.txt'), 'x');
  });

  test('a folder becomes a batch, its other files are named, and status counts what waits', async () => {
    const { code, out } = await imaginem('submit', folder);
    expect(code).toBe(0);
    expect(out).toMatch(/Left out, for they are no images: notes\.txt/);
    expect(out).toMatch(/Submitted 2 images\./);
    expect(await app.storage.blobs.head(containers.input, 'photos/day1_b.jpg')).toBeDefined();
    const [status] = JSON.parse((await imaginem('status', 'photos', '--json')).out);
    expect(status).toMatchObject({ batch: 'photos', waiting: 2, running: {}, finished: {} });
  });

  test('--json: what was submitted and left out, and nothing else', async () => {
    const { code, out } = await imaginem('submit', folder, '--batch', 'machine', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      images: ['a.jpg', 'day1_b.jpg'].map((name) => ({
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        image: `machine/${name}`,
        there_already: false,
        again: false,
      })),
      left_out: [expect.stringMatching(/notes\.txt$/)],
      passed_over: {},
    });
  });

  test('the same content again makes no new version; changed content does', async () => {
    const before = await app.storage.blobs.head(containers.input, 'photos/a.jpg');
    expect((await imaginem('submit', folder)).out).toMatch(/Submitted 2 images \(2 there already/);
    expect(await app.storage.blobs.head(containers.input, 'photos/a.jpg')).toEqual(before);
    await writeFile(path.join(folder, 'a.jpg'), await jpeg(quadrants(64, 80)));
    expect((await imaginem('submit', folder)).out).toMatch(/Submitted 2 images \(1 there already/);
    expect((await app.storage.blobs.head(containers.input, 'photos/a.jpg'))?.etag).not.toBe(before?.etag);
  });

  test('admitted images are counted by the step that is next, rejected ones with the reason', async () => {
    await app.storage.blobs.write(containers.input, 'mixed/text.jpg', Buffer.from('text'), 'image/jpeg');
    await app.storage.blobs.write(containers.input, 'mixed/good.jpg', await jpeg(), 'image/jpeg');
    for (const name of ['text', 'good'])
      await app.admission.admitBlob(`mixed/${name}.jpg`, undefined, silentLog);
    const [status] = JSON.parse((await imaginem('status', 'mixed', '--json')).out);
    expect(status).toMatchObject({ waiting: 0, running: { generalclassification: 1, pipelineoutput: 1 } });
    for await (const job of app.journal.jobs('mixed')) {
      const entry = await app.journal.read('mixed', job.id);
      const done = { state: 'done' as const, run: 0, seq: 0, at: '2026-11-23T12:00:00.000Z', attempts: 1 };
      if (entry && job.end) await app.journal.update(entry, { steps: { pipelineoutput: done } });
    }
    await app.deadLetters.record({
      queue: EVENTS_QUEUE,
      batchId: 'mixed',
      error: { code: 'NotAnEvent', message: 'It is not.' },
      message: 'x',
    });
    const { out } = await imaginem('status', 'mixed');
    expect(out).toMatch(/│ mixed .*│ 1 generalclassification +│ 1 rejected +│ 1 rejected NotAnImage/);
    expect(out).toMatch(/1 inputimages-events NotAnEvent \(dead letter\)/);
  });

  test('--pipeline binds the steps to the image: its one job has them', async () => {
    const { code } = await imaginem(
      'submit',
      folder,
      '--batch',
      'short',
      '--pipeline',
      'facedetection,facecrop',
    );
    expect(code).toBe(0);
    const log = silentLog;
    await app.admission.admitBlob('short/a.jpg', undefined, log);
    await app.admission.admitBlob('short/a.jpg', undefined, log);
    const jobs = [];
    for await (const job of app.journal.jobs('short')) jobs.push(job);
    expect(jobs.map(({ pipeline }) => pipeline)).toEqual([['facedetection', 'facecrop', 'pipelineoutput']]);
  });

  test.each([
    [['submit'], /missing required argument/],
    [['submit', 'absent.jpg'], /no file or folder "absent.jpg"/],
    [['submit', '.', '--batch', '/x/'], /name of a batch has no slash/],
    [['submit', 'samples/sign.jpg', '--pipeline', ' , '], /--pipeline: it is empty/],
    [
      ['submit', 'samples/sign.jpg', '--pipeline', 'facecrop'],
      /--pipeline: "facecrop" needs "facedetection"/,
    ],
    [['results', '--status', 'fine'], /Allowed choices/],
    [['fly'], /unknown command/],
  ])('%j is wrong usage: exit code 2 and a sentence', async (argv, words) => {
    const { code, err } = await imaginem(...argv);
    expect(code).toBe(2);
    expect(err).toMatch(words);
    expect(err).not.toMatch(/\n\s+at /);
  });

  test('a batch that nobody knows is told of', async () => {
    const { code, err } = await imaginem('status', 'nobody');
    expect(code).toBe(1);
    expect(err).toMatch(/no such batch/);
  });
});

test.each(['submit', 'status', 'results', 'matches', 'sql'])('%s --help has an example', async (command) => {
  const { code, out } = await imaginem(command, '--help');
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`Examples?:\\n  imaginem ${command}`));
});

describe('what the command line works on', () => {
  const left = async (change: Partial<Instance>) => {
    const folder = path.join(home, 'instance');
    await mkdir(folder, { recursive: true });
    await writeInstance(folder, {
      pid: 1,
      startedAt: '2026-11-23T12:00:00.000Z',
      ports: { ...(await freePorts()), ...change.ports },
      settings: env,
      inherited: [],
      ...change,
    });
    return { IMAGINEM_DATA: folder };
  };

  test('the results of a local instance are readable while nothing runs; its storage is not', async () => {
    const where = await left({});
    expect((await imaginemIn(where, 'results')).out).toMatch(/5 images/);
    const { code, err } = await imaginemIn(where, 'status');
    expect(code).toBe(1);
    expect(err).toMatch(/is not running\. Start it with "npm start"\.$/);
  });

  test('a running instance answers by the settings it left', async () => {
    const ports = { ...(await freePorts()), blob: emulator.ports.blob };
    const where = await left({ ports });
    expect((await imaginemIn(where, 'status')).out).toMatch(/photos/);
  });

  test('settings that the instance had from its environment are asked for by name', async () => {
    const where = await left({ inherited: ['SQL_CONNECTION_STRING'] });
    const { code, err } = await imaginemIn(where, 'results');
    expect(code).toBe(1);
    expect(err).toMatch(/started with SQL_CONNECTION_STRING in its environment: set the same here/);
  });

  test('a connection string that is none is told of, and not quoted', async () => {
    const where = { IMAGINEM_DATA: path.join(home, 'none'), AzureWebJobsStorage: 'AccountKey=c2VjcmV0' };
    const { code, err } = await imaginemIn(where, 'queues');
    expect(code).toBe(1);
    expect(err).toMatch(/^App setting AzureWebJobsStorage: is not a connection string/);
    expect(err).not.toContain('c2VjcmV0');
  });

  test('with neither an instance nor app settings it says what to do', async () => {
    const { code, err } = await imaginemIn({ IMAGINEM_DATA: path.join(home, 'none') }, 'results');
    expect(code).toBe(1);
    expect(err).toMatch(/no local instance in .*npm start.*AzureWebJobsStorage/);
  });
});
