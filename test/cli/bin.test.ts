import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const BIN = fileURLToPath(new URL('../../bin/imaginem.js', import.meta.url));

/** Makes the runtime say that it is an older one than it is. */
const AS_NODE_18 =
  "data:text/javascript,Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.0' } })";

function imaginem(nodeFlags: string[], ...argv: string[]) {
  const { promise, resolve } = Promise.withResolvers<{ code: unknown; stdout: string; stderr: string }>();
  execFile(process.execPath, [...nodeFlags, BIN, ...argv], (error, stdout, stderr) =>
    resolve({ code: error ? error.code : 0, stdout, stderr }),
  );
  return promise;
}

test.each([
  ['a runtime that will do', []],
  ['an older one, by the one the project brings along', ['--import', AS_NODE_18]],
])('the command line runs under %s, and its exit code is passed on', async (_, flags) => {
  const help = await imaginem(flags, 'results', '--help');
  expect(help).toMatchObject({ code: 0, stdout: expect.stringMatching(/Usage: imaginem results/) });
  const wrong = await imaginem(flags, 'fly');
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringMatching(/unknown command 'fly'/) });
});
