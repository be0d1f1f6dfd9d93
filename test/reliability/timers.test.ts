import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type App, openApp } from '../../src/app.ts';
import { Eraser } from '../../src/erasure/eraser.ts';
import { silentLog } from '../../src/ports.ts';
import { examine, examineRest, settled } from './invariant.ts';
import { TIMERS, type Timer } from './timers.ts';
import { FAULTS, type Fault } from './wire/faults.ts';
import { Wire } from './wire/wire.ts';
import { type Dropped, World } from './world.ts';

const { signal } = new AbortController();

/** Three tries each of the calls that a run has under way at once. */
const MOST_CALLS = 12;

let world: World;
/** The timers' own way to everything, so that a call counted there is a timer's. */
let wire: Wire;
let app: App;
const images: Dropped[] = [];
let person = 0;

beforeAll(async () => {
  const disabled = Object.keys(TIMERS).map((name) => [`AzureWebJobs.${name}.Disabled`, 'true']);
  world = await World.open({
    env: { FACE_FRESH_LIMIT: '2', RETENTION_DAYS: '1', ...Object.fromEntries(disabled) },
  });
  wire = await Wire.open(world.azurite, world.engineUrl);
  app = await openApp({
    ...world.env,
    AzureWebJobsStorage: wire.connectionString(world.azurite),
    COMPUTER_VISION_ENDPOINT: wire.engineUrl,
    FACE_ENDPOINT: wire.engineUrl,
  });
  await world.startHost();
});
afterAll(async () => {
  await app?.close();
  await world?.close();
  await wire?.close();
});
beforeEach(() => wire.rules());

/** Gives every timer something to do. @returns images that stay: the last was not announced; and one to be erased */
async function work(batch: string): Promise<{ staying: Dropped[]; doomed: Dropped }> {
  person += 10;
  const scene = { people: [person, person + 1] };
  const doomed = await world.drop(`${batch}-doomed/one.jpg`, { scene });
  const announced = [
    await world.drop(`${batch}/one.jpg`, { scene }),
    await world.drop(`${batch}/two.jpg`, { scene: { people: [person + 2] } }),
  ];
  await settled(world, [doomed, ...announced]);
  await new Eraser({ app: world.app, log: silentLog }).begin(
    { kind: 'batch', batch: `${batch}-doomed` },
    'tester',
    signal,
  );
  const staying = [...announced, await world.put(`${batch}/three.jpg`, { scene: { people: [person + 3] } })];
  images.push(...staying);
  return { staying, doomed };
}

/** Runs a timer again and again, as the clock does, until a run gets through and no fault is left. */
async function untilDone({ run }: Timer): Promise<void> {
  for (let runs = 0; runs < 40; runs += 1) {
    const done = await run(app, world.app).then(
      () => true,
      () => false,
    );
    if (done && wire.unmet().length === 0) return;
  }
  throw new Error(`It does not get through. Not met yet: ${wire.unmet()}`);
}

async function expectAllWell({ staying, doomed }: Awaited<ReturnType<typeof work>>): Promise<void> {
  await settled(world, staying);
  const { lost, wrong } = await examine(world, staying);
  expect({ lost, wrong }).toEqual({ lost: [], wrong: [] });
  expect(await (await world.app.results()).get(doomed.jobId)).toBeUndefined();
}

const once = (fault: Fault, calls: readonly string[]) =>
  calls.map((call) => ({ calls: new RegExp(`^${call}$`), fault, times: 1 }));

describe('every kind of call of every timer meets every fault once, and the next run makes it good', () => {
  for (const fault of FAULTS.filter((name) => name !== 'stall')) {
    test(fault, { timeout: 300_000 }, async () => {
      const given = await work(fault);
      for (const [name, timer] of Object.entries(TIMERS)) {
        wire.rules(...once(fault, timer.calls));
        await untilDone(timer).catch((error: unknown) => {
          throw new Error(name, { cause: error });
        });
      }
      await expectAllWell(given);
    });
  }
});

describe('while a service is away a timer calls it a few times, and leaves it to the next run', () => {
  for (const fault of ['unavailable', 'reset', 'wrong-type', 'throttled'] as const) {
    test(fault, { timeout: 300_000 }, async () => {
      const given = await work(`away-${fault}`);
      const most: Record<string, number> = {};
      for (const service of ['blob', 'queue', 'table', 'face']) {
        for (const [name, { run }] of Object.entries(TIMERS)) {
          const calls = new RegExp(`^${service} `);
          const before = wire.count(calls);
          wire.rules({ calls, fault });
          await run(app, world.app).catch(() => {});
          wire.rules();
          most[name] = Math.max(most[name] ?? 0, wire.count(calls) - before);
        }
      }
      console.log(`${fault}: calls to the service that is away, in one run at most: ${JSON.stringify(most)}`);
      expect(Math.max(...Object.values(most))).toBeLessThanOrEqual(MOST_CALLS);
      for (const timer of Object.values(TIMERS)) await untilDone(timer);
      await expectAllWell(given);
    });
  }

  test('a service that never answers: every run ends within a minute', { timeout: 300_000 }, async () => {
    const given = await work('silent');
    wire.rules({ calls: /./, fault: 'stall' });
    const started = Date.now();
    const ends = Object.entries(TIMERS).map(async ([name, { run }]) => {
      await expect(run(app, world.app), name).rejects.toThrow();
      return Date.now() - started;
    });
    expect(Math.max(...(await Promise.all(ends)))).toBeLessThan(60_000);
    wire.rules();
    for (const timer of Object.values(TIMERS)) await untilDone(timer);
    await expectAllWell(given);
  });
});

test('after all of this nothing is left over', { timeout: 300_000 }, async () => {
  expect((await examineRest(world, images)).wrong).toEqual([]);
});
