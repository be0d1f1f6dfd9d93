import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { LogFile } from '../../../src/local/launcher/log-file.ts';
import { Service, ServiceError, type ServiceSpec } from '../../../src/local/launcher/service.ts';
import { folder, isAlive, partSpec, until } from './support.ts';

let file: string;
let said: string[];
beforeEach(async () => {
  file = path.join(await folder(onTestFinished), 'told');
  said = [];
});

function service(mode: string, change: Partial<ServiceSpec> = {}, clock = Date.now): Service {
  const made = new Service(partSpec(mode, file, change), {
    log: new LogFile(`${file}.log`),
    say: (sentence) => said.push(sentence),
    clock,
  });
  onTestFinished(() => made.kill());
  return made;
}
const told = () => readFile(file, 'utf8').catch(() => '');

test('a part is up when it answers, and is asked to end before it is made to', async () => {
  const part = service('steady');
  await part.start();
  const pid = part.pid as number;
  expect(isAlive(pid)).toBe(true);
  await part.stop();
  expect(isAlive(pid)).toBe(false);
  expect(await told()).toBe(`started ${pid}\nstopped ${pid}\n`);
});

test('a part that does not heed the request is ended after its limit', async () => {
  const part = service('deaf', { stopLimitMs: 50 });
  await part.start();
  const pid = part.pid as number;
  await part.stop();
  expect(isAlive(pid)).toBe(false);
});

test('a part that ends at the start is reported with its last lines', async () => {
  const part = service('broken');
  const error = await part.start().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ServiceError);
  expect(String(error)).toMatch(/test part could not be started: it ended at once \(exit code 3\)/);
  expect(String(error)).toMatch(/cannot open the thing it needs/);
});

test('a part that never answers is reported, and not left running', async () => {
  const part = service('steady', { ready: () => new Promise(() => {}), startLimitMs: 300 });
  await expect(part.start()).rejects.toThrow(/did not answer within 0.3 s/);
  expect(isAlive(part.pid as number)).toBe(false);
});

test('a part whose probe says that it never will answer is reported with what the probe says', async () => {
  const part = service('steady', { ready: () => Promise.reject(new Error('has nothing to run')) });
  await expect(part.start()).rejects.toThrow(/could not be started: it has nothing to run\./);
});

test('a part that is killed is started again, and the operator is told', async () => {
  const part = service('steady');
  await part.start();
  const first = part.pid as number;
  process.kill(first, 'SIGKILL');
  await until('the part is back', async () => (await told()).match(/started/g)?.length === 2);
  expect(part.pid).not.toBe(first);
  expect(said).toEqual([expect.stringMatching(/test part ended unexpectedly \(signal SIGKILL\).*1 of 3/)]);
  await part.stop();
  expect(await told()).toMatch(/stopped/);
});

test('deaths while it starts again count too, and it comes back when they end', async () => {
  const part = service('dies-twice', { ready: (child) => child.line((line) => line.includes('is up')) });
  await part.start().catch(() => part.start());
  await until(
    'the part is up for the third time',
    async () => (await told()).match(/started/g)?.length === 3,
  );
  await part.stop();
  expect(await told()).toMatch(/stopped/);
});

test('a part that dies too often is given up, with its last lines', async () => {
  const part = service('steady', { restartAfterMs: [] });
  await part.start();
  process.kill(part.pid as number, 'SIGKILL');
  await expect(part.lost).rejects.toThrow(/ended unexpectedly \(signal SIGKILL\)[\s\S]*the part is up/);
  expect(said).toEqual([]);
});

test('stopping a part that waits to be started again starts nothing', async () => {
  const part = service('steady', { restartAfterMs: [3_600_000] });
  await part.start();
  process.kill(part.pid as number, 'SIGKILL');
  await until('the death is noticed', () => said.length === 1);
  await part.stop();
  expect((await told()).match(/started/g)).toHaveLength(1);
});

test('what a part writes is in its log', async () => {
  const part = service('steady');
  await part.start();
  await part.stop();
  expect(await readFile(`${file}.log`, 'utf8')).toBe('the part is up\n');
});

test('a launcher killed with -9 leaves no part behind', async () => {
  const script = fileURLToPath(new URL('./fixtures/launcher.ts', import.meta.url));
  const launcher = fork(script, [file], { execArgv: [] });
  const [{ pid }] = (await once(launcher, 'message')) as [{ pid: number }];
  expect(isAlive(pid)).toBe(true);
  launcher.kill('SIGKILL');
  await once(launcher, 'exit');
  await until('the part has ended', () => !isAlive(pid));
});
