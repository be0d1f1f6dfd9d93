import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Instance } from '../../../src/cli/instance.ts';
import { readSettings } from '../../../src/domain/settings.ts';
import { isFree } from '../../../src/local/launcher/ports.ts';
import { Journal } from '../../../src/pipeline/journal/journal.ts';
import { openResultStore } from '../../../src/results/open.ts';
import { openStorage } from '../../../src/storage/account.ts';
import { containers } from '../../../src/storage/names.ts';
import { jpeg, quadrants } from '../../support/images.ts';
import { Launcher, ROOT } from './launcher.ts';
import { freePorts, isAlive, until } from './support.ts';

const sample = (name: string) => path.join(ROOT, 'samples', name);

let home: string;
let data: string;
let started: Launcher[];
const start = (...args: string[]) => {
  const launcher = new Launcher(data, { args });
  started.push(launcher);
  return launcher;
};

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'imaginem-launch-'));
  data = path.join(home, 'data');
  started = [];
});
afterAll(async () => {
  for (const { child } of started) child.kill('SIGKILL');
  await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

async function drop(instance: Instance, name: string, bytes: Buffer): Promise<void> {
  const { blobs } = await openStorage(readSettings(instance.settings));
  await blobs.write(containers.input, name, bytes, 'application/octet-stream');
}

async function rows(instance: Instance) {
  const store = await openResultStore(readSettings(instance.settings));
  try {
    return await store.list({ limit: 1000 });
  } finally {
    await store.close();
  }
}

/** One data folder through its life: each test goes on where the one before stopped. */
describe('a local instance', () => {
  let first: Launcher;
  let instance: Instance;
  let takenPort: number;

  test('comes up, with free ports in place of taken ones, and says where to drop images and where to look', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    takenPort = (squatter.address() as AddressInfo).port;
    const ports = await freePorts();
    await mkdir(data, { recursive: true, mode: 0o755 });
    const last: Instance = {
      pid: 1,
      startedAt: new Date().toISOString(),
      ports: { ...ports, engine: takenPort },
      settings: {},
      inherited: [],
    };
    await writeFile(path.join(data, 'instance.json'), JSON.stringify(last));

    first = start();
    expect(await first.said(/Port \d+ \(engine\) is taken/)).toContain(`Port ${takenPort}`);
    await first.said(/Imaginem is running/);
    squatter.close();
    instance = await first.instance();
    expect(instance.ports).toMatchObject({ blob: ports.blob, host: ports.host });
    expect(instance.ports.engine).not.toBe(takenPort);
    await first.said(/Logs/);
    expect(first.output).toContain(`127.0.0.1:${ports.blob}/imaginem/inputimages`);
    expect(first.output).toContain('npx imaginem submit');
    expect(first.output).toContain(path.join(data, 'results.db'));
    expect(first.output).toContain(`Others on this machine could read ${data}: that is closed now`);
  }, 240_000);

  test('is one: a second launcher on the same data is refused with what to do', async () => {
    const second = start();
    expect(await second.ended()).toBe(1);
    expect(second.output).toMatch(/already runs on this data folder.*imaginem submit.*--data/);
    expect(second.lines).toHaveLength(1);
  }, 60_000);

  test('tells of each dropped image in one line and stores its row', async () => {
    await drop(instance, 'drops/sign.jpg', await readFile(sample('sign.jpg')));
    await drop(instance, 'drops/broken.jpg', Buffer.from('not an image at all'));
    expect(await first.said(/^done.*drops\/sign\.jpg/)).toMatch(/REUNION CENTRE 42/i);
    expect(await first.said(/drops\/broken\.jpg/)).toMatch(/^rejected: NotAnImage/);
    expect(await rows(instance)).toHaveLength(2);
  }, 240_000);

  test('writes nothing that others on this machine can read', async () => {
    const made = (await readdir(data, { recursive: true })).filter((name) => name !== 'instance.json');
    expect(made).toEqual(
      expect.arrayContaining(['results.db', 'storage', 'engine/engine.db', 'logs/host.log']),
    );
    const modes = await Promise.all(
      ['', ...made].map(async (name) => [name, (await stat(path.join(data, name))).mode & 0o077]),
    );
    expect(modes.filter(([, open]) => open !== 0)).toEqual([]);
  });

  test('goes on when its host is killed at work: nothing is lost', async () => {
    const host = (await first.children()).get('host') as number;
    for (const number of [1, 2, 3])
      await drop(instance, `kill/${number}.jpg`, await jpeg(quadrants(100 + number, 80)));
    const journal = new Journal(await openStorage(readSettings(instance.settings)));
    await until('one of them is half done', async () => {
      for await (const { steps } of journal.jobs('kill')) {
        if (Object.keys(steps).length > 0 && !steps.pipelineoutput) return true;
      }
      return false;
    });
    process.kill(host, 'SIGKILL');
    await first.said(/Functions host ended unexpectedly \(signal SIGKILL\).*1 of 3/);
    for (const number of [1, 2, 3]) await first.said(new RegExp(`kill/${number}\\.jpg`));
    expect((await rows(instance)).map(({ imageUrl }) => imageUrl).sort()).toHaveLength(5);
  }, 240_000);

  test('goes on when its storage is killed: it comes back on its ports, with what it had answered', async () => {
    const storage = (await first.children()).get('storage') as number;
    await drop(instance, 'cut/1.jpg', await jpeg(quadrants(120, 80)));
    process.kill(storage, 'SIGKILL');
    await first.said(/storage service ended unexpectedly \(signal SIGKILL\).*1 of 4/);
    await first.said(/cut\/1\.jpg/);
    expect(await rows(instance)).toHaveLength(6);
  }, 240_000);

  test('stops on Ctrl-C: no child is left, every port is free', async () => {
    const children = [...(await first.children()).values()];
    expect(children).toHaveLength(3);
    first.child.kill('SIGINT');
    // As npm passes it on, in the same instant.
    first.child.kill('SIGINT');
    expect(await first.ended()).toBe(0);
    expect(first.lines.at(-1)).toBe('Stopped.');
    expect(children.filter(isAlive)).toEqual([]);
    for (const port of Object.values(instance.ports)) expect(await isFree(port)).toBe(true);
  }, 60_000);

  test('wrote nothing but plain text where there is no terminal', () => {
    expect(first.output).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
  });

  test('goes on where it stopped: the same ports, and what is there is not done again', async () => {
    const folder = path.join(home, 'drops');
    await mkdir(folder);
    await copyFile(sample('sign.jpg'), path.join(folder, 'sign.jpg'));
    await writeFile(path.join(folder, 'notes.txt'), 'for the archive');
    const again = start(folder, '--once');
    expect(await again.ended()).toBe(0);
    expect((await again.instance()).ports).toEqual(instance.ports);
    expect(again.output).toMatch(/Left out, for they are no images: .*notes\.txt/);
    expect(again.output).toMatch(/Submitted 1 image \(1 there already/);
    expect(again.output).toMatch(/│ drops\/sign\.jpg .*│ done/);
    expect(again.output).toMatch(/1 image: 1 done\./);
    expect(await rows(instance)).toHaveLength(6);
  }, 120_000);

  test('with --once ends with 1 where an image is not done', async () => {
    const folder = path.join(home, 'bad');
    await mkdir(folder);
    await writeFile(path.join(folder, 'text.jpg'), 'text named .jpg');
    const once = start(folder, '--once', '--batch', 'doubtful');
    expect(await once.ended()).toBe(1);
    expect(once.output).toMatch(/doubtful\/text\.jpg/);
    expect(once.output).toMatch(/1 image: 1 rejected\./);
  }, 120_000);

  test('stops when the shell that npm runs it in ends', async () => {
    const shell = new Launcher(data, { shell: true });
    started.push(shell);
    await shell.said(/Imaginem is running/);
    const { pid } = await shell.instance();
    const children = [...(await shell.children(pid)).values()];
    expect(children).toHaveLength(3);
    shell.child.kill('SIGKILL');
    await until('all have ended', () => ![pid, ...children].some(isAlive), 60_000);
  }, 120_000);

  test('killed with -9 it leaves no child behind', async () => {
    const launcher = start();
    await launcher.said(/Imaginem is running/);
    const children = [...(await launcher.children()).values()];
    expect(children).toHaveLength(3);
    launcher.child.kill('SIGKILL');
    await until('all children have ended', () => !children.some(isAlive), 60_000);
  }, 120_000);
});

test.each([
  [['--once'], /--once needs files or folders/],
  [['--workers', 'many'], /whole number from 1 to 64/],
  [['no-such-folder'], /There is no file or folder "no-such-folder"/],
])('a wrong command line (%j) is told of, ends with 2 and starts nothing', async (args, words) => {
  const launcher = start(...args);
  expect(await launcher.ended()).toBe(2);
  expect(launcher.output).toMatch(words);
  expect(launcher.output).not.toMatch(/Starting|\n\s+at /);
});

test('a wrong setting is refused before anything is started', async () => {
  const env = process.env.PIPELINE_DEFINITION;
  process.env.PIPELINE_DEFINITION = 'ocr,nonsense,pipelineoutput';
  const launcher = start();
  process.env.PIPELINE_DEFINITION = env ?? '';
  expect(await launcher.ended()).toBe(1);
  expect(launcher.output).toMatch(/PIPELINE_DEFINITION.*no step "nonsense"/);
  expect(launcher.output).not.toMatch(/Starting/);
});
