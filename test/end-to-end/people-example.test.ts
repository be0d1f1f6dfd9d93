import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shellBlocks } from '../docs/shell-blocks.ts';
import { Launcher, ROOT } from '../local/launcher/launcher.ts';
import { freePorts, until } from '../local/launcher/support.ts';

const run = promisify(execFile);

let folder: string;
let blocks: string[];
let launcher: Launcher | undefined;
let receiver: ChildProcess | undefined;
/** What the receiver of the example printed. */
let alerts = '';
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'imaginem-example-'));
  const page = await readFile(path.join(ROOT, 'docs/people.md'), 'utf8');
  blocks = shellBlocks(page);
  const [start = ''] = blocks;
  // What its first terminal sets, with a free port in place of the one that is written.
  const { host: port } = await freePorts();
  const set = /^export .*$/m.exec(start)?.[0].replace('8099', String(port)) ?? '';
  const { stdout } = await run('bash', ['-c', `${set}; printf '%s\\n%s' "$WEBHOOK_URL" "$WEBHOOK_SECRET"`]);
  const [WEBHOOK_URL = '', WEBHOOK_SECRET = ''] = stdout.split('\n');
  env = { ...process.env, IMAGINEM_DATA: folder, WEBHOOK_URL, WEBHOOK_SECRET };
  expect(start).toContain('npm run alerts');
  const script = path.join(ROOT, 'scripts/receive-alerts/main.ts');
  receiver = spawn(process.execPath, [script, '--port', String(port)], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  receiver.stdout?.on('data', (chunk) => {
    alerts += String(chunk);
  });
  const [, samples = ''] = /^npm start -- (\S+)$/m.exec(start) ?? [];
  launcher = new Launcher(folder, { args: [path.join(ROOT, samples)], env });
  await launcher.said(/^\d+ images: \d+ done\.$/);
}, 240_000);
afterAll(async () => {
  launcher?.child.kill('SIGTERM');
  receiver?.kill();
  await launcher?.ended();
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

test('the worked example of docs/people.md, as it is written', async () => {
  const [, anna = '', ben = ''] = blocks;
  const said = await run('bash', ['-euc', `${anna}\n${ben}`], { cwd: ROOT, env, maxBuffer: 1e7 });
  expect(said.stdout).toMatch(/nobody has decided, very much alike/);
  expect(said.stdout).toMatch(/the same person, you say; another must say so, too\./);
  // Ben is shown the faces, and no figure, before he says his word.
  const [, before = ''] = said.stdout.split('another must say so, too.');
  const [shown = '', ...rest] = before.split(/^Candidate \S+: found\.$/m);
  const after = rest.join('');
  expect(shown).toMatch(/wants your second look/);
  expect(shown).toMatch(/Speaks for it \S+ and \S+$/m);
  expect(shown).not.toMatch(/Score|alike|the same ear/);
  expect(after).toMatch(/anna: same, the same ear/);
  const events = () =>
    alerts
      .split('\n')
      .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as { type: string }] : []));
  await until('both alerts have come', async () => events().length === 2);
  expect(events().map(({ type }) => type)).toEqual([
    'imaginem.candidate.proposed',
    'imaginem.candidate.found',
  ]);
  // The group photograph is among the faces.
  const groupOf = await run(
    process.execPath,
    [path.join(ROOT, 'bin/imaginem.js'), 'candidates', 'list', '--quiet'],
    { env },
  );
  const detail = await run(
    process.execPath,
    [path.join(ROOT, 'bin/imaginem.js'), 'candidates', 'show', groupOf.stdout.trim(), '--json'],
    { env },
  );
  const { group } = JSON.parse(detail.stdout) as { group: { imageUrl: string }[] };
  expect(group.some(({ imageUrl }) => imageUrl.endsWith('/group.jpg'))).toBe(true);
}, 240_000);
