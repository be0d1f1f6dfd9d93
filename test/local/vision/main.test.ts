import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseFlags } from '../../../src/local/vision/flags.ts';
import { createClients, refusal } from './clients.ts';

const MAIN = fileURLToPath(new URL('../../../src/local/vision/main.ts', import.meta.url));

/** Starts the process; its output so far, and the first line that matches. */
function start(...flags: string[]): {
  child: ChildProcess;
  output: () => string;
  line: (p: RegExp) => Promise<string>;
} {
  const child = fork(MAIN, flags, { silent: true });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let text = '';
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (data: Buffer) => {
      text += data.toString();
      for (const look of waiting) look();
    });
  return {
    child,
    output: () => text,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(text);
          if (match) resolve(match[1] ?? match[0]);
        };
        waiting.add(look);
        child.once('exit', () => reject(new Error(`The engine ended: ${text}`)));
        look();
      }),
  };
}

const LISTENING = /^vision engine listening on (http:\/\/127\.0\.0\.1:\d+)$/m;

describe('the process', () => {
  test.each<[string, (child: ChildProcess) => void]>([
    ['SIGTERM', (child) => child.kill('SIGTERM')],
    ['SIGINT', (child) => child.kill('SIGINT')],
    ['the message shutdown', (child) => child.send('shutdown')],
    ['the loss of its parent', (child) => child.disconnect()],
  ])('says where it listens, answers, and ends cleanly on %s', async (_what, end) => {
    const { child, line } = start('--port', '0', '--limited-access', 'off');
    const url = await line(LISTENING);
    expect(await refusal(createClients(url).face.faceList.list())).toMatchObject({ status: 403 });
    const exit = once(child, 'exit');
    end(child);
    expect(await exit).toEqual([0, null]);
  });

  test('keeps what it has answered when it is killed, and lets its successor in', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vision-engine-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const first = start('--data', folder);
    await createClients(await first.line(LISTENING)).face.faceList.create('a', 'A');
    const rival = start('--data', folder);
    expect(await once(rival.child, 'close')).toEqual([1, null]);
    expect(rival.output()).toContain('in use by another engine');
    const exit = once(first.child, 'exit');
    first.child.kill('SIGKILL');
    await exit;
    const second = createClients(await start('--data', folder).line(LISTENING));
    expect(await second.face.faceList.get('a')).toMatchObject({ name: 'A' });
  });

  test('says what to do when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => {
      other.close();
    });
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const { child, output } = start('--port', String(port));
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(output()).toContain(`Port ${port} is taken`);
  });

  test('refuses a flag it does not understand', async () => {
    const { child, output } = start('--port', 'abc');
    expect((await once(child, 'close'))[0]).toBe(1);
    expect(output()).toContain('A whole number from 0 to 65535 is expected.');
  });
});

test('flags have safe defaults and are parsed', () => {
  expect(parseFlags([])).toMatchObject({
    port: 0,
    host: '127.0.0.1',
    workers: 1,
    limitedAccess: true,
    trustImageHosts: [],
  });
  expect(
    parseFlags([
      '--trust-image-hosts',
      'a.test, b.test:8080',
      '--limited-access',
      'off',
      '--calls-per-second',
      '10',
    ]),
  ).toMatchObject({ trustImageHosts: ['a.test', 'b.test:8080'], limitedAccess: false, callsPerSecond: 10 });
});
