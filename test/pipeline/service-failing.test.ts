import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explainImage } from '../../src/admin/why.ts';
import type { Live } from '../../src/api/contract.ts';
import type { Health } from '../../src/api/health/health.ts';
import type { Engine } from '../../src/local/vision/engine.ts';
import { startTcpProxy, type TcpProxy } from '../reliability/wire/tcp-proxy.ts';
import { startQuickEngine } from '../support/any-picture.ts';
import { jpeg, noise } from '../support/images.ts';
import { openStack, type Stack } from '../support/stack.ts';

/** The built host, and between it and the engine a wire that can be cut. */
let engine: Engine;
let wire: TcpProxy;
let stack: Stack;
beforeAll(async () => {
  engine = await startQuickEngine();
  const { hostname, port } = new URL(engine.url);
  wire = await startTcpProxy({ host: hostname, port: Number(port) });
  // So few that each attempt which is counted without need would be seen.
  stack = await openStack(`http://127.0.0.1:${wire.port}`, { MAX_ATTEMPTS: '2' });
});
afterAll(async () => {
  await stack?.stop();
  await wire?.close();
  await engine?.close();
});

const eventually = (ask: () => unknown) => expect.poll(ask, { timeout: 60_000, interval: 100 });

test('a vision service whose connections break: images wait, why and health and page say so, and all end as done', async () => {
  wire.cut(true);
  const { app } = stack;
  for (const name of ['one', 'two', 'three'])
    await stack.drop(`cut/${name}.jpg`, await jpeg(noise(320, 240, name.length)));
  const host = stack.spawnHost();
  const [{ url }] = (await once(host.process, 'message')) as [{ url: string }];
  const probes = new Set<number>();
  await eventually(async () => {
    for (const { probeAt } of await app.troubles.list()) probes.add(probeAt);
    // Opened, and three probes in vain.
    return probes.size;
  }).toBeGreaterThan(3);
  const ids: string[] = [];
  for await (const id of app.journal.idsOf('cut')) ids.push(id);
  expect(ids).toHaveLength(3);
  await eventually(async () => {
    const jobs = await Promise.all(ids.map((id) => app.journal.read('cut', id)));
    return jobs.map((entry) => entry?.job.steps.generalclassification?.error?.code);
  }).toEqual(['ServiceFailing', 'ServiceFailing', 'ServiceFailing']);
  const [id = ''] = ids;
  // In the moment in which its message is due it is queued, and then waits again.
  let why = await explainImage(id, app);
  await eventually(async () => {
    why = await explainImage(id, app);
    return why.state;
  }).toBe('retrying');
  const { error, attempt } = why;
  expect(error).toMatchObject({
    code: 'ServiceFailing',
    message: expect.stringMatching(/^Computer Vision fails/),
  });
  // The one that was met before there was another to compare it with is the only one that is counted.
  expect(attempt).toBeLessThanOrEqual(2);
  const live = (await (await fetch(`${url}/api/live`)).json()) as Live;
  expect(live.halts).toEqual([
    {
      kind: 'serviceFailing',
      message: expect.stringMatching(/^Computer Vision .*analyze, VisionConnectionLost/),
    },
  ]);
  const health = (await (await fetch(`${url}/api/health/details`)).json()) as Health;
  const check = health.checks.find(({ name }) => name === 'Computer Vision');
  expect(check?.status).toBe('failed');

  wire.cut(false);
  const rows = await stack.rows(3, 120_000);
  expect(rows.map(({ status }) => status)).toEqual(['done', 'done', 'done']);
  expect(await app.troubles.list()).toEqual([]);
}, 240_000);
