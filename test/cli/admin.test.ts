import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, openApp } from '../../src/app.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { parseMessage } from '../../src/pipeline/message/message.ts';
import { containers } from '../../src/storage/names.ts';
import { type Emulator, startEmulator } from '../support/emulator.ts';
import { jpeg } from '../support/images.ts';
import { projectRoot } from '../support/project-root.ts';

let emulator: Emulator;
let app: App;
let home: string;
let env: Record<string, string>;

beforeAll(async () => {
  emulator = await startEmulator();
  home = await mkdtemp(path.join(tmpdir(), 'imaginem-admin-'));
  env = {
    AzureWebJobsStorage: emulator.connectionString,
    SQLITE_PATH: path.join(home, 'results.db'),
    IMAGINEM_DATA: path.join(home, 'nothing-here'),
    MAX_ATTEMPTS: '1',
    // Nobody listens there: no test calls a vision service.
    COMPUTER_VISION_ENDPOINT: 'http://127.0.0.1:9',
    FACE_ENDPOINT: 'http://127.0.0.1:9',
  };
  app = await openApp(env);
  await app.ensure();
});
afterAll(async () => {
  await app?.close();
  await emulator?.stop();
  await rm(home, { recursive: true, force: true });
});

/** Runs the command line as a person does, in a process of its own. */
async function imaginem(argv: string[], more: Record<string, string> = {}) {
  const options = { env: { PATH: process.env.PATH, ...env, ...more } };
  const command = [path.join(projectRoot, 'bin', 'imaginem.js'), ...argv];
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, command, options);
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

const record = (text: string, batchId = 'cli', code = 'NotJson', queue = 'ocr') =>
  app.deadLetters.record({ queue, error: { code, message: 'Told why.' }, batchId, message: text });
const lettersLeft = async () =>
  JSON.parse((await imaginem(['poison', 'list', '--json'])).out) as { id: string }[];

/** A message as people post it, of an image that is there. */
async function posted(id: string, step: number) {
  await app.storage.blobs.write(containers.input, `cli/${id}.jpg`, await jpeg(), 'image/jpeg');
  const image_url = app.storage.blobs.url(containers.input, `cli/${id}.jpg`);
  return JSON.stringify({
    job_definition: { id, batch_id: 'cli', input: { image_url }, processing_step: step },
  });
}

describe('poison', () => {
  test('list, show, drop: what died is seen whole, and goes only when that is confirmed', async () => {
    const id = await record('{"not": \u001b[2J');
    const other = await record('{}', 'elsewhere', 'ContractError', 'facecrop');
    const list = await imaginem(['poison', 'list']);
    expect(list.out).toContain(id.slice(0, 8));
    expect(list.out).toMatch(/ocr.*cli.*NotJson.*1.*Told why\.[\s\S]*2 dead letters\./);
    expect((await imaginem(['poison', 'list', '--batch', 'elsewhere'])).out).toMatch(/1 dead letter\.\s*$/);
    const show = await imaginem(['poison', 'show', id.slice(0, 8)]);
    expect(show.out).toMatch(
      /Error +NotJson: Told why\.\n[\s\S]*What to do +Correct it with "imaginem poison replay/,
    );
    expect(show.out).not.toContain('\u001b');
    expect(JSON.parse((await imaginem(['poison', 'show', id, '--json'])).out)).toMatchObject({
      id,
      times: 1,
      message: '{"not": \u001b[2J',
    });
    expect(await imaginem(['poison', 'drop'])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/Say which/),
    });
    expect(await imaginem(['poison', 'drop', '--batch', 'cli'])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/drops 1 dead letter for good.*add --yes/s),
    });
    expect((await imaginem(['poison', 'drop', '--all', '--dry-run'])).out).toMatch(
      /2 dead letters would be dropped/,
    );
    expect(await lettersLeft()).toHaveLength(2);
    expect(await imaginem(['poison', 'drop', '--batch', 'cli', '--yes'])).toMatchObject({
      code: 0,
      out: '1 dead letter dropped.\n',
    });
    expect((await lettersLeft()).map((letter) => letter.id)).toEqual([other]);
    expect(JSON.parse((await imaginem(['poison', 'drop', '--all', '--yes', '--json'])).out)).toEqual({
      dropped: [other],
      dry_run: false,
    });
    expect((await imaginem(['poison', 'list'])).out).toMatch(/^No dead letters\./);
  });

  test('an id that names none, or more than one, is refused', async () => {
    expect(await imaginem(['poison', 'show', 'ffff'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/no dead letter "ffff"/),
    });
    expect(await imaginem(['poison', 'replay', 'ffff'])).toMatchObject({ code: 1 });
  });

  test('replay: said first, refused where it would die again, mended by --set, then gone from the list', async () => {
    const id = await record(await posted('set', 40), 'cli', 'WrongQueue');
    const refused = await imaginem(['poison', 'replay', id]);
    expect(refused).toMatchObject({
      code: 1,
      out: expect.stringMatching(/would die again \(WrongQueue\).*40/),
    });
    const mend = ['poison', 'replay', id.slice(0, 8), '--set', 'job_definition.processing_step=2'];
    const dry = await imaginem([...mend, '--dry-run']);
    expect(dry).toMatchObject({
      code: 0,
      out: expect.stringMatching(/would go to facedetection\n.*Nothing was sent/),
    });
    expect((await app.storage.queues.look('facedetection'))?.messages).toBe(0);
    expect(await imaginem(mend)).toMatchObject({ code: 0, out: '1 dead letter replayed.\n' });
    const queue = await app.storage.queues.look('facedetection');
    expect(parseMessage(queue?.visible[0]?.text)).toMatchObject({
      job_definition: { id: 'set', processing_step: 2 },
    });
    expect(await lettersLeft()).toEqual([]);
  });

  test('replay --edit gives the message to the editor, and sends what it leaves', async () => {
    const editor = path.join(home, 'an editor.js');
    await writeFile(
      editor,
      `import { readFileSync, writeFileSync } from 'node:fs';
       const message = JSON.parse(readFileSync(process.argv[2], 'utf8'));
       message.job_definition.processing_step = 1;
       writeFileSync(process.argv[2], process.env.LEAVE ?? JSON.stringify(message));`,
    );
    await writeFile(path.join(home, 'package.json'), '{"type":"module"}');
    await chmod(editor, 0o700);
    const EDITOR = `"${process.execPath}" "${editor}"`;
    const id = await record(await posted('edit', 40), 'cli', 'WrongQueue');
    const broken = await imaginem(['poison', 'replay', id, '--edit'], { EDITOR, LEAVE: '{' });
    expect(broken).toMatchObject({ code: 1, err: expect.stringMatching(/not JSON: nothing was sent/) });
    expect(await imaginem(['poison', 'replay', id, '--edit'], { EDITOR })).toMatchObject({
      code: 0,
      out: expect.stringContaining('1 dead letter replayed.'),
    });
    expect((await app.storage.queues.look('ocr'))?.messages).toBe(1);
    expect(await imaginem(['poison', 'replay', '--all', '--edit'], { EDITOR })).toMatchObject({ code: 2 });
  });

  test('--json says what became of each of many', async () => {
    const good = await record(await posted('good', 1), 'many');
    const bad = await record('{', 'many');
    const { code, out } = await imaginem(['poison', 'replay', '--batch', 'many', '--yes', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual(
      expect.arrayContaining([
        { id: good, outcome: 'replayed', queues: ['ocr'] },
        expect.objectContaining({ id: bad, outcome: 'refused', code: 'NotJson' }),
      ]),
    );
    await imaginem(['poison', 'drop', '--all', '--yes']);
  });
});

describe('why and rerun', () => {
  const name = 'late/broken.jpg';
  let id: string;
  beforeAll(async () => {
    await app.storage.blobs.write(containers.input, name, Buffer.from('no image'), 'image/jpeg');
  });

  test('why follows an image from the container to its row', async () => {
    expect((await imaginem(['why', name])).out).toMatch(/State +in the container, not yet admitted/);
    await app.admission.admitBlob(name, undefined, silentLog);
    const queued = await imaginem(['why', name, '--json']);
    const answer = JSON.parse(queued.out);
    expect(answer).toMatchObject({ state: 'queued', step: 'pipelineoutput', queue: { hasMessage: true } });
    id = answer.job.id;
    const waiting = await app.storage.queues.look('pipelineoutput');
    await app.helper.process('pipelineoutput', JSON.parse(waiting?.visible.at(-1)?.text ?? ''), {
      dequeueCount: 1,
      log: silentLog,
      signal: new AbortController().signal,
    });
    const { code, out } = await imaginem(['why', id]);
    expect(code).toBe(0);
    expect(out).toMatch(/Image +late\/broken\.jpg\n/);
    expect(out).toMatch(/State +finished: rejected\n/);
    expect(out).toMatch(/Last error +NotAnImage/);
    expect(out).toMatch(/What to do +Upload the image itself/);
    expect(out.split('\n').length).toBeLessThan(24);
  });

  test('why of an unknown name says so and fails', async () => {
    expect(await imaginem(['why', 'nobody.jpg'])).toMatchObject({
      code: 1,
      out: expect.stringMatching(/not known here[\s\S]*imaginem status/),
    });
  });

  test('rerun wants to know which images, and an existing step', async () => {
    expect(await imaginem(['rerun', '--step', 'ocr'])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/one of --missing, --failed and --all/),
    });
    expect(await imaginem(['rerun', '--failed', '--all'])).toMatchObject({ code: 2 });
    expect(await imaginem(['rerun', '--step', 'orc', '--all'])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/no step "orc"/),
    });
    expect(await imaginem(['rerun', '--all', '--image', 'nobody'])).toMatchObject({ code: 1 });
  });

  test('rerun says what it would do, does it, and says how many', async () => {
    const none = await imaginem(['rerun', '--step', 'ocr', '--failed', '--batch', 'late']);
    expect(none).toMatchObject({ code: 0, out: 'No image calls for it.\n' });
    const dry = await imaginem(['rerun', '--all', '--batch', 'late', '--dry-run']);
    expect(dry.out).toMatch(
      /1 image: generalclassification, ocr, .*pipelineoutput\n1 image would be run again/,
    );
    const { out } = await imaginem(['rerun', '--all', '--batch', 'late', '--json']);
    expect(JSON.parse(out)).toMatchObject([{ job: id, run: 1, queue: 'generalclassification' }]);
    const queue = await app.storage.queues.look('generalclassification');
    expect(queue?.visible.map(({ text }) => parseMessage(text))).toMatchObject([
      { run: 1, job_definition: { id } },
    ]);
  });
});

test('the three commands explain themselves', async () => {
  for (const command of [['poison'], ['poison', 'replay'], ['rerun'], ['why']]) {
    const { code, out } = await imaginem([...command, '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/Usage: imaginem/);
  }
});
