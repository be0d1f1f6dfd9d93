import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examine, examineRest, settled } from './invariant.ts';
import { type Dropped, until, World } from './world.ts';

/** For so long connections are counted. */
const WINDOW_MS = 10_000;

/** Something at SQL Server's address that is no SQL Server: it hangs up, or never says a word. */
async function startImpostor(manner: 'hangs up' | 'is silent') {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => socket.destroy());
    if (manner === 'hangs up') {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

let world: World;
const images: Dropped[] = [];
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world?.close());

async function pair(batch: string): Promise<Dropped[]> {
  const person = 10 * (images.length + 1);
  const two = [
    await world.drop(`${batch}/one.jpg`, { scene: { people: [person, person + 1] } }),
    await world.drop(`${batch}/two.jpg`, { scene: { people: [person] } }),
  ];
  images.push(...two);
  return two;
}

async function bothWait(batch: string, two: readonly Dropped[]): Promise<void> {
  await until('Both wait for the database', async () => {
    const jobs = await Promise.all(two.map(({ jobId }) => world.observer.journal.read(batch, jobId)));
    return jobs.every((entry) => {
      const step = entry?.job.steps.pipelineoutput;
      return (
        step?.state === 'waiting' && step.attempts === 0 && step.error?.code === 'ResultStoreUnavailable'
      );
    });
  });
}

test.for(['hangs up', 'is silent'] as const)(
  'what stands at the address of SQL Server %s: images wait and say why, nobody calls in a hot loop, and nothing is lost',
  { timeout: 300_000 },
  async (manner) => {
    const impostor = await startImpostor(manner);
    const batch = manner.replace(' ', '-');
    const connectionString = `Server=127.0.0.1,${impostor.port};Database=imaginem;User Id=app;Password=none;Encrypt=false;TrustServerCertificate=true;Connect Timeout=2`;
    const host = await world.startHost({ SQL_CONNECTION_STRING: connectionString });
    const two = await pair(batch);
    await bothWait(batch, two);
    const [before, started] = [impostor.connections, Date.now()];
    await until('A while has passed', async () => Date.now() - started > WINDOW_MS);
    const perSecond = ((impostor.connections - before) * 1000) / (Date.now() - started);
    console.log(`SQL Server ${manner}: ${perSecond.toFixed(1)} connections a second for two images`);
    expect(perSecond).toBeGreaterThan(0);
    // Each image tries five times within seconds, then waits; the two share connections while one is being made.
    expect(perSecond).toBeLessThan(5);
    await host.stop('SIGKILL');
    await impostor.close();

    // The operator mends the setting.
    const mended = await world.startHost();
    await settled(world, two);
    const { lost, wrong } = await examine(world, two);
    expect({ lost, wrong }).toEqual({ lost: [], wrong: [] });
    await mended.stop('SIGKILL');
  },
);

test.runIf(process.env.TEST_SQL_CONNECTION_STRING)(
  'a SQL Server that goes away and comes back',
  { timeout: 300_000 },
  async () => {
    const host = await world.startHost();
    world.sqlProxy?.cut(true);
    const two = await pair('comes-back');
    await bothWait('comes-back', two);
    world.sqlProxy?.cut(false);
    await settled(world, two);
    const { lost, wrong } = await examine(world, two);
    expect({ lost, wrong }).toEqual({ lost: [], wrong: [] });
    await host.stop('SIGKILL');
  },
);

test('after all of this nothing is left over', { timeout: 300_000 }, async () => {
  expect((await examineRest(world, images)).wrong).toEqual([]);
});
