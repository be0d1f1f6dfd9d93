import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requireKnownToHost, stepsOfHost } from '../../src/cli/host-steps.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { containers } from '../../src/storage/names.ts';
import { image } from '../results/fixtures.ts';
import { commandLine, openCommandLine } from '../support/command-line.ts';
import { jpeg, quadrants } from '../support/images.ts';
import { projectRoot } from '../support/project-root.ts';

let cli: Awaited<ReturnType<typeof openCommandLine>>;
beforeAll(async () => {
  cli = await openCommandLine();
});
afterAll(() => cli?.close());

const blobs = () => cli.app.storage.blobs;
/** An image with its job. */
async function admitted(name: string, metadata: Record<string, string> = {}) {
  await blobs().write(containers.input, name, await jpeg(), 'image/jpeg', metadata);
  await cli.app.admission.admitBlob(name, undefined, silentLog);
  for await (const source of cli.app.journal.sources({ name })) return source.id;
  throw new Error(`${name} has no job.`);
}
const queued = async (queue: string) => (await cli.app.storage.queues.look(queue))?.messages ?? 0;

describe('one way to name an image', () => {
  let id: string;
  beforeAll(async () => {
    id = await admitted('naming/lake.jpg');
    await admitted('naming/twin.jpg');
    await admitted('elsewhere/twin.jpg');
    await (await cli.app.results()).save(
      image(id, { batchId: 'naming', imageUrl: blobs().url(containers.input, 'naming/lake.jpg') }),
    );
  });

  const commands: [string, (name: string) => string[]][] = [
    ['why', (name) => ['why', name]],
    ['matches', (name) => ['matches', name]],
    ['results', (name) => ['results', '--image', name]],
    ['rerun', (name) => ['rerun', '--all', '--dry-run', '--image', name]],
    ['erase', (name) => ['erase', '--dry-run', '--image', name]],
    ['post', (name) => ['post', 'samples/messages/ocr.json', '--dry-run', '--image', name]],
  ];
  test.each(commands)('%s takes id, name, file name and address alike', async (_, argv) => {
    for (const name of [
      id,
      'naming/lake.jpg',
      'lake.jpg',
      blobs().url(containers.input, 'naming/lake.jpg'),
    ]) {
      const { out, err } = await cli.imaginem(...argv(name));
      expect(err, name).toBe('');
      expect(out, name).toMatch(/lake\.jpg|batch ocr|^1 image: generalclassification/);
    }
  });

  test.each(commands)('%s says what is near where there is none: exit code 1', async (_, argv) => {
    const { code, out, err } = await cli.imaginem(...argv('lakes.jpg'));
    expect(code).toBe(1);
    expect(`${out}\n${err}`).toContain('naming/lake.jpg');
    expect(`${out}\n${err}`).not.toMatch(/there is nothing about it/i);
  });

  test.each(commands)('%s asks for the folder where several have that file name', async (_, argv) => {
    const { code, out, err } = await cli.imaginem(...argv('twin.jpg'));
    expect(code).not.toBe(0);
    expect(`${out}\n${err}`).toMatch(/elsewhere\/twin\.jpg, naming\/twin\.jpg/);
  });

  test('a batch that has nothing to erase is not found, with what is near', async () => {
    const { code, err } = await cli.imaginem('erase', '--batch', 'namin', '--dry-run');
    expect(code).toBe(1);
    expect(err).toMatch(/no image in a batch "namin"\. Did you mean naming\?/);
  });
});

describe('never more than was asked for', () => {
  test('a message file with <<URL>> is posted for no image that was not chosen, and for several only after a yes', async () => {
    await admitted('posted/a.jpg');
    await admitted('posted/b.jpg');
    const before = await queued('ocr');
    const ocr = ['post', 'samples/messages/ocr.json'];
    expect(await cli.imaginem(...ocr)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--image, --prefix, --batch or --all/),
    });
    const unasked = await cli.imaginem(...ocr, '--batch', 'posted');
    expect(unasked).toMatchObject({
      code: 2,
      err: expect.stringMatching(/posts 2 messages to ocr.*add --yes/),
    });
    expect((await cli.imaginem(...ocr, '--batch', 'posted', '--dry-run')).out).toMatch(/Nothing was posted/);
    expect(await cli.answering('n', ...ocr, '--batch', 'posted')).toMatchObject({ code: 1 });
    expect(await queued('ocr')).toBe(before);
    expect(await cli.answering('y', ...ocr, '--batch', 'posted')).toMatchObject({ code: 0 });
    expect(await queued('ocr')).toBe(before + 2);
  });

  test('a rerun of several images asks; one that would make faceprints nobody asked for asks for that by name', async () => {
    for (const name of ['a', 'b']) await admitted(`plain/${name}.jpg`, { pipeline: 'ocr' });
    const before = await queued('facedetection');
    const one = ['rerun', '--step', 'facematch', '--all', '--image', 'plain/a.jpg'];
    expect(await cli.imaginem(...one, '--yes')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/biometric.*--biometric/),
    });
    expect(await cli.answering('no', ...one)).toMatchObject({ code: 1 });
    expect(await queued('facedetection')).toBe(before);
    expect(await cli.imaginem(...one, '--dry-run')).toMatchObject({
      out: /which --biometric has to say yes/,
    });
    expect(await cli.imaginem(...one, '--biometric')).toMatchObject({ code: 0 });
    // The image has not even begun with its own step: that comes first.
    const all = ['rerun', '--all', '--batch', 'plain'];
    const { code } = await cli.imaginem(...all);
    expect([0, 2]).toContain(code);
  });

  test('what is said of a batch is asked for where that is not there, or would erase it tonight', async () => {
    await admitted('camp/a.jpg');
    expect(await cli.imaginem('batch', 'set', 'cmap', '--purpose', 'tracing')).toMatchObject({
      code: 2,
      err: /no batch "cmap" yet.*images to come/,
    });
    expect(await cli.imaginem('batch', 'set', 'camp', '--expires', '2020-01-01')).toMatchObject({
      code: 2,
      err: /has passed.*1 image in it would be erased tonight/,
    });
    expect(await cli.app.batches.get('camp')).toBeUndefined();
    expect(await cli.imaginem('batch', 'set', 'a/../camp', '--purpose', 'x', '--yes')).toMatchObject({
      code: 2,
      err: /lead to another batch/,
    });
    expect((await cli.imaginem('batch', 'set', 'camp', '--purpose', 'tracing')).code).toBe(0);
    expect((await cli.imaginem('batch', 'list')).out).toMatch(/│ camp +│ 0 +│ 0 +│ tracing/);
  });

  test('an image that was rejected is looked at again when it is submitted again', async () => {
    const file = path.join(cli.home, 'again.jpg');
    await writeFile(file, await jpeg(quadrants(120, 80)));
    const strict = { ...cli.env, MAX_IMAGE_PIXELS: '2500' };
    await commandLine(['submit', file, '--batch', 'again'], strict);
    const { openApp } = await import('../../src/app.ts');
    const app = await openApp(strict);
    await app.admission.admitBlob('again/again.jpg', undefined, silentLog);
    await app.close();
    const before = await queued('generalclassification');
    const { out } = await cli.imaginem('submit', file, '--batch', 'again');
    expect(out).toBe('Submitted 1 image (1 rejected before: looked at once more).');
    expect(await queued('generalclassification')).toBe(before + 1);
  });
});

test('a step that what runs does not know is said at once, and nothing is sent', async () => {
  const host = createServer((request, response) => {
    const steps = [{ name: 'ocr', summary: '', needs: [], position: 0 }];
    response.end(request.url === '/api/pipeline' ? JSON.stringify({ steps }) : '');
  });
  host.listen(0, '127.0.0.1');
  await once(host, 'listening');
  const { port } = host.address() as AddressInfo;
  const hostSteps = () => stepsOfHost(port);
  await requireKnownToHost(['ocr', 'pipelineoutput'], { hostSteps });
  await expect(requireKnownToHost(['sharpness'], { hostSteps })).rejects.toThrow(
    /does not know the step "sharpness": restart "npm start"/,
  );
  host.close();
  await once(host, 'close');
  await requireKnownToHost(['sharpness'], { hostSteps });
});

describe('sql', () => {
  test.each([
    ['SELECT nam FROM image_tag', /there is no column "nam"\. Did you mean name/],
    ['SELECT name FROM image_tags', /there is no table "image_tags"\. Did you mean image_tag/],
    ['SELECT name FROM nowhere', /no table "nowhere"\. The tables are pipeline_output/],
    ['SELECT FROM image_tag', /cannot be run: .*syntax/],
  ])('says what is wrong with %s', async (query, sentence) => {
    expect(await cli.imaginem('sql', query)).toMatchObject({ code: 1, err: sentence });
  });

  const endless =
    'WITH n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT COUNT(*) AS all_of_them FROM n';

  test('a statement that never ends is ended by its time, and by Ctrl-C', async () => {
    expect(await cli.imaginem('sql', endless, '--timeout', '1')).toMatchObject({
      code: 1,
      err: /took longer than 1 s/,
    });
    const main = path.join(projectRoot, 'src', 'cli', 'main.ts');
    const child = spawn(process.execPath, [main, 'sql', endless], {
      env: { ...process.env, ...cli.env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const closed = once(child, 'close');
    // Until the statement runs it would be too early to stop it.
    await expect.poll(() => childrenOf(child.pid ?? 0), { timeout: 30_000 }).not.toEqual([]);
    child.kill('SIGINT');
    expect((await closed)[0]).toBe(130);
  });

  async function childrenOf(pid: number): Promise<string[]> {
    const ps = spawn('ps', ['-o', 'pid=', '--ppid', String(pid)]);
    let text = '';
    ps.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await once(ps, 'close');
    return text.split(/\s+/).filter(Boolean);
  }
});

test('--version, --limit, and where to read on after wrong usage', async () => {
  expect((await cli.imaginem('--version')).out).toMatch(/^\d+\.\d+\.\d+$/);
  expect((await cli.imaginem('results', '--limit', '1')).out).toMatch(/1 image, as --limit says/);
  expect(await cli.imaginem('results', '--limit', 'x')).toMatchObject({
    code: 2,
    err: /See "imaginem results --help"\./,
  });
  expect(await cli.imaginem('poison', 'drop')).toMatchObject({
    code: 2,
    err: /See "imaginem poison drop --help"\./,
  });
  expect(await cli.imaginem('reslts')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/Did you mean results/),
  });
});
