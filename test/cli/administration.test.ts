import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { StepRecord } from '../../src/domain/job.ts';
import { bucketOf, middleOf } from '../../src/domain/latency-bucket.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { containers, EVENTS_QUEUE, tables } from '../../src/storage/names.ts';
import { commandsOf, shellBlocks } from '../docs/shell-blocks.ts';
import { image } from '../results/fixtures.ts';
import { openCommandLine } from '../support/command-line.ts';
import { jpeg } from '../support/images.ts';
import { projectRoot } from '../support/project-root.ts';

let cli: Awaited<ReturnType<typeof openCommandLine>>;
beforeAll(async () => {
  cli = await openCommandLine();
});
afterAll(() => cli?.close());
beforeEach(async () => {
  await cli.imaginem('clear', '--yes');
  await cli.imaginem('resume', '--force');
});

const drop = async (name: string) =>
  cli.app.storage.blobs.write(containers.input, name, await jpeg(), 'image/jpeg');
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
const depth = async (queue: string) => (await cli.app.storage.queues.look(queue))?.messages ?? -1;
const take = async (queue: string) => {
  const { QueueClient } = await import('@azure/storage-queue');
  const client = new QueueClient(cli.emulator.connectionString, queue);
  const { receivedMessageItems } = await client.receiveMessages({ numberOfMessages: 32 });
  return receivedMessageItems.map(({ messageText }) => JSON.parse(messageText));
};
/** A job in the journal, its first message sent, with these records. */
async function journal(name: string, steps: Record<string, Partial<StepRecord>>) {
  await drop(name);
  await cli.app.admission.admitBlob(name, undefined, silentLog);
  for await (const job of cli.app.journal.jobs()) {
    if (job.source.name !== name) continue;
    const entry = await cli.app.journal.read(job.batchId, job.id);
    if (!entry) continue;
    const whole = Object.fromEntries(
      Object.entries(steps).map(([step, record]) => [
        step,
        { state: 'done', run: 0, at: new Date().toISOString(), attempts: 1, ...record } as StepRecord,
      ]),
    );
    await cli.app.journal.update(entry, { steps: whole });
  }
}

/** As --help lists them: a group by its commands. */
async function everyCommand(above: readonly string[] = []): Promise<string[][]> {
  const { out } = await cli.imaginem(...above, '--help');
  const list = /\nCommands:\n([\s\S]*?)(\n\n|$)/.exec(out)?.[1];
  if (list === undefined) return [[...above]];
  const names = [...list.matchAll(/^ {2}([a-z]\S*)/gm)].map(([, name = '']) => name);
  const below = names.filter((name) => name !== 'help').map((name) => everyCommand([...above, name]));
  return (await Promise.all(below)).flat();
}

test('every command explains itself, and none is confused by what is not there', async () => {
  const commands = await everyCommand();
  expect(commands.length).toBeGreaterThan(20);
  for (const command of commands) {
    const { code, out } = await cli.imaginem(...command, '--help');
    expect(code).toBe(0);
    expect(out, command.join(' ')).toMatch(new RegExp(`Usage: imaginem ${command.join(' ')}`));
    expect(out, command.join(' ')).toMatch(/--json /);
    expect(out).not.toMatch(/default: ""|\(default.*\(default/);
  }
  const { code, err } = await cli.imaginem('queues', '--nonsense');
  expect(code).toBe(2);
  expect(err).not.toMatch(/\n\s+at /);
});

test('every command that the documents print exists, with its options', async () => {
  const folder = path.join(projectRoot, 'docs');
  const pages = (await readdir(folder, { recursive: true }))
    .filter((name) => name.endsWith('.md') && !name.includes('.vitepress'))
    .map((name) => path.join(folder, name));
  const texts = await Promise.all(
    [path.join(projectRoot, 'README.md'), ...pages].map((page) => readFile(page, 'utf8')),
  );
  const printed = texts.flatMap(shellBlocks).flatMap(commandsOf);
  const ours = printed.filter(({ words }) => words[0] === 'npx' && words[1] === 'imaginem');
  expect(ours.length).toBeGreaterThan(40);
  const commands = await everyCommand();
  for (const { words, text } of ours) {
    const command = commands.find((one) => one.every((word, index) => words[index + 2] === word));
    expect(command, text).toBeDefined();
    const { out } = await cli.imaginem(...(command ?? []), '--help');
    for (const option of words.filter((word) => word.startsWith('--'))) {
      expect(out, text).toMatch(new RegExp(`${option}\\b`));
    }
  }
});

describe('queues', () => {
  test('shows depth, the oldest, what is put back until when, poison, and who paused', async () => {
    await journal('camp/a.jpg', {
      ocr: { state: 'waiting', nextAt: new Date(Date.now() + 90_000).toISOString(), attempts: 2 },
    });
    await cli.app.storage.queues.send('ocr-poison', '{}');
    await cli.imaginem('pause', 'facematch', '--as', 'ann', '--reason', 'face account moves');
    const { code, out } = await cli.imaginem('queues');
    expect(code).toBe(0);
    expect(out).toMatch(/generalclassification │ 1 +│ [\d.]+ (ms|s)/);
    expect(out).toMatch(/ocr +│ +│ +│ 1, next in (1|2) min +│ 1/);
    expect(out).toMatch(/by ann for [\d.]+ m?s: face account moves/);
    const json = JSON.parse((await cli.imaginem('queues', '--json')).out);
    expect(json[0].queue).toBe(EVENTS_QUEUE);
    expect(json.find((one: { queue: string }) => one.queue === 'facematch')).toMatchObject({
      messages: 0,
      oldest_ready: null,
      paused: { by: 'ann', reason: 'face account moves' },
    });
  });
});

describe('pause and resume', () => {
  test('resume ends what the same person paused, and only that', async () => {
    expect(await cli.imaginem('pause', 'ocr', 'facecrop', '--as', 'ann')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/Paused: ocr, facecrop/),
    });
    await cli.imaginem('pause', 'facematch', '--as', 'ben', '--reason', 'mine');
    expect((await cli.imaginem('pause', 'facematch', '--as', 'ann')).out).toMatch(
      /Already so.*paused by ben.*mine/,
    );
    expect(await cli.imaginem('resume', '--as', 'ann')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/Resumed: facecrop, ocr[\s\S]*Left as it is.*facematch: paused by ben/),
    });
    expect((await cli.app.pauses.list()).map(({ step }) => step)).toEqual(['facematch']);
    expect((await cli.imaginem('resume', 'facematch', '--as', 'ann')).code).toBe(1);
    const forced = await cli.imaginem('resume', 'facematch', '--as', 'ann', '--force', '--json');
    expect(JSON.parse(forced.out)).toEqual({ resumed: ['facematch'], left: [] });
    expect((await cli.imaginem('resume')).out).toBe('Nothing is paused.');
    expect((await cli.imaginem('resume', 'ocr')).out).toMatch(/Not paused: ocr/);
  });

  test('a step that does not exist is refused with those that do', async () => {
    const { code, err } = await cli.imaginem('pause', 'occr');
    expect(code).toBe(2);
    expect(err).toMatch(/no step "occr": choose among .*ocr/);
  });
});

describe('post', () => {
  const file = (name: string) => path.join(cli.home, name);

  test('posts one message for each image where the file has <<URL>>, each with an id of its own', async () => {
    await Promise.all(['camp/a.jpg', 'camp/b "c".jpg', 'other/d.jpg'].map(drop));
    const { code, out } = await cli.imaginem(
      'post',
      'samples/messages/ocr.json',
      '--prefix',
      'camp/',
      '--as',
      'again',
      '--yes',
    );
    expect(code).toBe(0);
    expect(out).toBe('Posted 2 messages to ocr, batch again.');
    const messages = await take('ocr');
    const urls = messages.map(({ job_definition: { input } }) => input.image_url).sort();
    expect(urls).toEqual(
      ['camp/a.jpg', 'camp/b "c".jpg'].map((name) => cli.app.storage.blobs.url(containers.input, name)),
    );
    expect(new Set(messages.map(({ job_definition: { id } }) => id)).size).toBe(2);
    expect(messages[0].job_definition.batch_id).toBe('again');
  });

  test('posts one message where it has none, to the queue of its current step', async () => {
    const message = {
      job_definition: {
        id: 'by-hand <<JOBID>>',
        input: { image_url: cli.app.storage.blobs.url(containers.input, 'x.jpg') },
        processing_pipeline: ['ocr', 'facedetection'],
        processing_step: 1,
      },
      note: 'for <<BATCHID>>',
    };
    await writeFile(file('one.json'), JSON.stringify(message));
    const { out } = await cli.imaginem('post', file('one.json'), '--json');
    expect(JSON.parse(out)).toMatchObject([{ queue: 'facedetection', batch_id: 'default' }]);
    expect(await take('facedetection')).toMatchObject([
      { job_definition: { id: expect.stringMatching(/^by-hand [0-9a-f-]{36}$/) }, note: 'for one' },
    ]);
  });

  test.each([
    ['nothing', undefined, /cannot be read/],
    ['no JSON', '{"job', /is not JSON/],
    ['another thing', '{"job":1}', /does not follow the message contract:\n- job_definition/],
    [
      'a wrong pipeline',
      '{"job_definition":{"id":"x","input":{"image_url":"u"},"processing_pipeline":["facecrop"]}}',
      /"facecrop" needs "facedetection"/,
    ],
    [
      'a position outside',
      '{"job_definition":{"id":"x","input":{"image_url":"u"},"processing_pipeline":["ocr"],"processing_step":7}}',
      /processing_step is 7, but the pipeline has 2 steps/,
    ],
  ])('%s is refused before anything is posted', async (name, text, sentence) => {
    if (text !== undefined) await writeFile(file(`${name}.json`), text);
    const { code, err } = await cli.imaginem('post', file(`${name}.json`));
    expect(code).toBe(2);
    expect(err).toMatch(sentence);
  });

  test('without any image there is nothing to post, and it says so', async () => {
    const { code, err } = await cli.imaginem('post', 'samples/messages/ocr.json', '--all');
    expect(code).toBe(1);
    expect(err).toMatch(/There are no such images/);
  });
});

describe('test', () => {
  test('every step has a sample that its queue takes as it is', async () => {
    for (const step of cli.app.registry.names) {
      const { code, out } = await cli.imaginem('test', step, '--json');
      expect(code, out).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ queue: step, batch_id: 'imaginem-test' });
      const [message] = await take(step);
      const entry = await cli.app.admission.admitMessage(
        (await import('../../src/pipeline/message/message.ts')).parseMessage(message),
        silentLog,
      );
      expect(entry.job.image).toMatchObject({ contentType: 'image/jpeg' });
      // The event of the same upload finds its job there.
      await cli.app.admission.admitBlob(entry.job.source.name, entry.job.source.etag, silentLog);
      expect(await depth(step)).toBe(1);
    }
  });

  test('an unknown step and a missing image are told', async () => {
    expect(await cli.imaginem('test', 'nose')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/no step "nose"/),
    });
    expect(await cli.imaginem('test', 'ocr', '--image', 'none.jpg')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/none.jpg cannot be read/),
    });
  });
});

test('stats adds up throughput, latency by step, and calls and retries by service', async () => {
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString();
  const store = await cli.app.results();
  for (const [index, ms] of [100, 200, 900].entries())
    await store.save(
      image(`camp-${index}`, {
        ...{ batchId: 'camp', finishedAt: at(index * 30) },
        steps: {
          ocr: { state: 'done', ms, attempts: index === 2 ? 4 : 1 },
          facedetection:
            index === 1 ? { state: 'failed', attempts: 5 } : { state: 'done', attempts: 1, ms: 50 },
        },
      }),
    );
  const { out, code } = await cli.imaginem('stats', '--json');
  expect(code).toBe(0);
  const stats = JSON.parse(out);
  expect(stats.images).toEqual({ finished: 3, under_way: 0, announced: 0 });
  expect(stats.throughput).toMatchObject({ per_minute: 2, first: at(0), last: at(60), last_hour: 0 });
  const told = (ms: number) => middleOf(bucketOf(ms));
  expect(stats.steps.find((step: { step: string }) => step.step === 'ocr')).toEqual({
    step: 'ocr',
    service: 'Computer Vision',
    outcomes: { done: 3 },
    calls: 6,
    retries: 3,
    latency: { count: 3, median: told(200), p95: told(900), longest: told(900) },
  });
  expect(stats.services).toEqual([
    { service: 'Computer Vision', calls: 6, retries: 3 },
    { service: 'Face', calls: 7, retries: 4 },
  ]);
  expect((await cli.imaginem('stats')).out).toMatch(
    /3 images finished, 2\.0 a minute[\s\S]*About 0 under way, and 0 announced/,
  );
  expect((await cli.imaginem('stats', 'camp')).out).not.toMatch(/under way/);
  expect(await cli.imaginem('stats', 'nowhere')).toMatchObject({
    code: 1,
    err: expect.stringMatching(/No image of such a batch has a row yet/),
  });
});

describe('export', () => {
  beforeEach(async () => {
    const store = await cli.app.results();
    await store.save(
      image('one', {
        text: '=HYPERLINK("http://evil")\nline two',
        caption: 'a, "b"',
        finishedAt: '2026-01-01T00:00:01.000Z',
      }),
    );
    await store.save(
      image('two', { batchId: 'other', text: 'plain', finishedAt: '2026-01-01T00:00:02.000Z' }),
    );
  });

  test('JSON Lines: one row a line, newest first', async () => {
    const { out } = await cli.imaginem('export');
    expect(out.split('\n').map((line) => JSON.parse(line).id)).toEqual(['two', 'one']);
    expect((await cli.imaginem('export', '--batch', 'none')).out).toBe('');
  });

  test('CSV to a file: quoted, and no cell is a formula', async () => {
    const out = path.join(cli.home, 'rows.csv');
    expect((await cli.imaginem('export', '--out', out, '--batch', 'batch')).out).toMatch(/Wrote 1 row to /);
    const text = await readFile(out, 'utf8');
    expect(text).toMatch(/^id,batch_id,image_url,status,/);
    expect(text).toContain(`"a, ""b""","","'=HYPERLINK(""http://evil"")\nline two"`);
    const again = await cli.imaginem('export', '--out', out);
    expect(again).toMatchObject({ code: 2, err: expect.stringMatching(/is there already/) });
    expect(await readFile(out, 'utf8')).toBe(text);
  });
});

describe('clear', () => {
  test('removes everything there is, the rendition of a small image as well, and keeps pauses', async () => {
    await journal('camp/a.jpg', { ocr: {}, duplicates: { output: { hash: 'x', duplicates: [] } } });
    await (await cli.app.results()).save(image('row'));
    await cli.app.storage.queues.send('ocr-poison', '{}');
    await cli.app.deadLetters.record({ queue: 'ocr', error: { code: 'X', message: 'x' }, message: 'dead' });
    await cli.imaginem('pause', 'ocr', '--as', 'ann');
    let rows = 0;
    for (const table of Object.values(tables)) {
      if (table !== tables.pauses) rows += (await all(cli.app.storage.tables.table(table).list())).length;
    }
    const { code, out } = await cli.answering('clear', 'clear');
    expect(code).toBe(0);
    expect(rows).toBeGreaterThan(1);
    expect(out).toContain(`Removed 1 result, 2 blobs and ${rows} table rows`);
    for (const container of Object.values(containers)) {
      expect(await all(cli.app.storage.blobs.list(container))).toEqual([]);
    }
    for (const table of Object.values(tables)) {
      const rows = await all(cli.app.storage.tables.table(table).list());
      expect(rows).toHaveLength(table === tables.pauses ? 1 : 0);
    }
    for (const queue of ['generalclassification', 'ocr-poison', EVENTS_QUEUE])
      expect(await depth(queue)).toBe(0);
    expect(await (await cli.app.results()).list()).toEqual([]);
  });

  test('asks first: another word, or nobody to ask, removes nothing', async () => {
    await drop('camp/kept.jpg');
    expect(await cli.answering('yes', 'clear')).toMatchObject({ code: 1, err: 'Nothing was done.' });
    expect(await cli.imaginem('clear')).toMatchObject({ code: 2, err: expect.stringMatching(/add --yes/) });
    expect(await cli.app.storage.blobs.head(containers.input, 'camp/kept.jpg')).toBeDefined();
  });
});

test('the samples are of the steps that this version has', async () => {
  const files = await readdir(path.join(projectRoot, 'samples/messages'));
  expect(files.sort()).toEqual(cli.app.registry.names.map((name) => `${name}.json`).sort());
});
