import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../src/cli/connect.ts';
import { silentLog } from '../../src/domain/ports.ts';
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
/** Whom Anna and Ben found. */
let candidate: string;

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
  const said = await run('bash', ['-euc', `${anna}\n${ben}\necho "for later: $CANDIDATE"`], {
    cwd: ROOT,
    env,
    maxBuffer: 1e7,
  });
  candidate = /^for later: (\S+)$/m.exec(said.stdout)?.[1] ?? '';
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

test('it goes on with a calibration of the samples and a switch of models, as they are written', async () => {
  const [, , , draw = '', count = '', change = ''] = blocks;
  const follow = async (block: string) =>
    (await run('bash', ['-euc', block], { cwd: ROOT, env: { ...env, CANDIDATE: candidate }, maxBuffer: 1e7 }))
      .stdout;
  const drawn = await follow(draw);
  const pairs = Number(/drew (\d+) new pairs? for reviewers \(seed 1\)/.exec(drawn)?.[1]);
  expect(pairs).toBeGreaterThan(3);

  // What is done in Review in between: each drawn pair is decided, by who the samples are of.
  const connection = await connect({ data: folder }, env);
  const app = await connection.app();
  try {
    const people = await app.people();
    const results = await app.results();
    const { ledger } = await app.calibration();
    const person = (url = '') => /person-([a-z])-/.exec(url)?.[1];
    let decided = 0;
    for (const { faces } of await ledger.undecided({ limit: 100 })) {
      const places = new Map((await results.faces([...faces])).map(({ face, imageUrl }) => [face, imageUrl]));
      const [one, other] = faces.map((face) => person(places.get(face)));
      // Who is in the group photograph is put off.
      if (one === undefined || other === undefined) continue;
      await people.decide(...faces, one === other ? 'same' : 'different', { by: 'anna' });
      decided += 1;
    }
    expect(decided).toBeGreaterThan(3);
    const counted = await follow(count);
    expect(counted).toContain('too few');
    expect(counted).toContain('Until there are enough decisions');

    const before = await results.query(
      'SELECT face_a, face_b, verdict FROM match_decision ORDER BY face_a, face_b',
    );
    // The timer looks once a minute: here somebody looks all the time.
    const parts = await app.models();
    const stop = new AbortController();
    const background = (async () => {
      while (!stop.signal.aborted) {
        await parts.proceed(silentLog, new AbortController().signal, () => stop.signal.aborted);
        await new Promise((done) => setTimeout(done, 1000));
      }
    })();
    const changed = await follow(change).finally(() => stop.abort());
    await background;
    expect(changed).toMatch(/imaginem_02/);
    expect(changed).toMatch(/^Candidate \S+: found\.$/m);
    expect(await results.query('SELECT DISTINCT model FROM face_match')).toEqual([{ model: 'imaginem_02' }]);
    expect(
      await results.query('SELECT face_a, face_b, verdict FROM match_decision ORDER BY face_a, face_b'),
    ).toEqual(before);
    expect(await results.query('SELECT active_model, next_model FROM recognition')).toEqual([
      { active_model: 'imaginem_02', next_model: null },
    ]);
  } finally {
    await connection.close();
  }
}, 240_000);
