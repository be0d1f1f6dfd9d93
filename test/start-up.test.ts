import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Health } from '../src/api/health/health.ts';
import { openApp } from '../src/app.ts';
import { silentLog } from '../src/domain/ports.ts';
import type { Engine } from '../src/local/vision/engine.ts';
import { containers } from '../src/storage/names.ts';
import { startQuickEngine } from './support/any-picture.ts';
import { startEmulator } from './support/emulator.ts';
import { jpeg, noise } from './support/images.ts';
import { projectRoot } from './support/project-root.ts';
import { type Child, openStack, type Stack, startChild } from './support/stack.ts';

/** The functions as built, started where something is wrong: as on the platform, a failed start would leave none. */
let engine: Engine;
let stack: Stack;
let picture: Buffer;
beforeAll(async () => {
  engine = await startQuickEngine();
  [stack, picture] = await Promise.all([openStack(engine.url), jpeg(noise(320, 240))]);
});
afterAll(async () => {
  await stack?.stop();
  await engine?.close();
});

interface Ready {
  url: string;
  functions: { name: string; trigger: string; error?: string }[];
}

async function ready(host: Child): Promise<Ready> {
  const ended = once(host.process, 'exit').then((): [Ready] => {
    throw new Error(`The host ended before it was ready:\n${host.output()}`);
  });
  const [message] = (await Promise.race([once(host.process, 'message'), ended])) as [Ready];
  return message;
}
const json = async <T>(url: string): Promise<T> => (await (await fetch(url)).json()) as T;
const problemsOf = ({ checks }: Health, name: string) =>
  checks.find((check) => check.name === name)?.problems;

const eventually = (ask: () => unknown) => expect.poll(ask, { timeout: 60_000, interval: 100 });

test('a wrong definition: administration and health answer with the sentence, images wait, and go on once it is right', async () => {
  const wrong = stack.spawnHost(projectRoot, { PIPELINE_DEFINITION: 'ocr,foo,pipelineoutput' });
  const { url, functions } = await ready(wrong);
  expect(functions.filter(({ trigger }) => trigger === 'queueTrigger')).toEqual([]);
  expect(functions.length).toBeGreaterThan(30);
  await stack.drop('waits/one.jpg', picture);

  const sentence = /PIPELINE_DEFINITION: there is no step "foo": remove it, or correct it to one of/;
  expect((await fetch(`${url}/api/health`)).status).toBe(503);
  const health = await json<Health>(`${url}/api/health/details`);
  expect(problemsOf(health, 'settings')).toEqual([
    { problem: expect.stringMatching(sentence), remedy: expect.stringMatching(/messages wait/) },
  ]);
  const live = await json<{ halts: unknown[] }>(`${url}/api/live`);
  expect(live.halts).toEqual([{ kind: 'refused', message: expect.stringMatching(sentence) }]);
  expect((await fetch(`${url}/dashboard/`)).status).toBe(200);
  expect((await fetch(`${url}/api/images`)).status).toBe(200);
  expect(wrong.output()).toMatch(/No image is worked on: App setting PIPELINE_DEFINITION/);
  const [event] = (await stack.app.storage.queues.look('inputimages-events'))?.visible ?? [];
  expect(event?.dequeueCount).toBe(0);
  await wrong.stop();

  await stack.startHost();
  const [row] = await stack.rows(1, 60_000);
  expect(row?.status).toBe('done');
}, 120_000);

test('a wrong setting: health and every operation say which, and the page is there to show it', async () => {
  const wrong = stack.spawnHost(projectRoot, { MAX_ATTEMPTS: 'many' });
  const { url, functions } = await ready(wrong);
  expect(functions.filter(({ trigger }) => trigger !== 'httpTrigger')).toEqual([]);
  const sentence = /^App setting MAX_ATTEMPTS: /;
  const health = await json<Health>(`${url}/api/health/details`);
  expect(problemsOf(health, 'settings')).toEqual([
    { problem: expect.stringMatching(sentence), remedy: expect.any(String) },
  ]);
  const answer = await fetch(`${url}/api/live`);
  expect([answer.status, await answer.json()]).toEqual([
    503,
    expect.objectContaining({ code: 'AppRefused', detail: expect.stringMatching(sentence) }),
  ]);
  expect((await fetch(`${url}/dashboard/`)).status).toBe(200);
  await wrong.stop();
}, 60_000);

test('storage that is away at a cold start: functions load, health says why, and images flow once it is there', async () => {
  const location = await mkdtemp(join(tmpdir(), 'imaginem-cold-'));
  onTestFinished(() => rm(location, { recursive: true, force: true }));
  const before = await startEmulator({ location });
  await before.stop();
  const env = {
    ...stack.env,
    AzureWebJobsStorage: before.connectionString,
    SQLITE_PATH: join(location, 'r.db'),
  };
  const args = ['--app', projectRoot, '--visibility-timeout', '2', '--max-polling-interval', '300'];
  const host = startChild('dist/src/local/host/main.js', args, { ...process.env, ...env });
  onTestFinished(() => host.stop('SIGKILL'));
  const { url, functions } = await ready(host);
  expect(functions.filter(({ trigger }) => trigger === 'queueTrigger').length).toBeGreaterThan(15);
  await eventually(() => host.output()).toMatch(/"event":"storage.not.prepared","cause":"\w*ECONNREFUSED/);
  const health = await json<Health>(`${url}/api/health/details`);
  expect(problemsOf(health, 'start-up')).toEqual([
    { problem: expect.stringMatching(/could not be made yet: .*ECONNREFUSED/), remedy: expect.any(String) },
  ]);

  // An account as new as it was: nothing is in it yet.
  const after = await startEmulator({ location, ports: before.ports });
  onTestFinished(() => after.stop());
  await eventually(async () => {
    const now = await json<Health>(`${url}/api/health/details`);
    return problemsOf(now, 'start-up');
  }).toEqual([]);
  const app = await openApp(env);
  onTestFinished(() => app.close());
  await app.storage.blobs.write(containers.input, 'cold/one.jpg', picture, 'image/jpeg');
  await app.reconciler(Number.NEGATIVE_INFINITY).run(silentLog);
  await eventually(async () =>
    (await (await app.results()).list({ limit: 10 })).map(({ status }) => status),
  ).toEqual(['done']);
}, 180_000);
