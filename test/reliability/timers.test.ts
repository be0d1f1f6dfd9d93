import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type App, openApp } from '../../src/app.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { Eraser } from '../../src/erasure/eraser.ts';
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
    env: { FACE_FRESH_LIMIT: '2', RETENTION_DAYS_BY_BATCH: 'old-=1', ...Object.fromEntries(disabled) },
  });
  wire = await Wire.open(world.emulator, world.engineUrl);
  app = await openApp({
    ...world.outsideEnv,
    AzureWebJobsStorage: wire.connectionString(world.emulator),
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

interface Work {
  /** The last of them is not announced. */
  staying: Dropped[];
  /** One is to be erased, the other one is too old. */
  doomed: Dropped[];
}

/** Gives every timer something to do. */
async function work(batch: string): Promise<Work> {
  person += 10;
  const scene = { people: [person, person + 1] };
  const doomed = [
    await world.drop(`${batch}-doomed/one.jpg`, { scene }),
    await world.drop(`old-${batch}/one.jpg`, { scene: { people: [] } }),
  ];
  const announced = [
    await world.drop(`${batch}/one.jpg`, { scene }),
    await world.drop(`${batch}/two.jpg`, { scene: { people: [person + 2] } }),
  ];
  await settled(world, [...doomed, ...announced]);
  const request = { kind: 'batch', batch: `${batch}-doomed` } as const;
  await new Eraser({ app: world.app, log: silentLog }).begin(request, 'tester', signal);
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

async function expectAllWell({ staying, doomed }: Work): Promise<void> {
  await settled(world, staying);
  const { lost, wrong } = await examine(world, staying);
  expect({ lost, wrong }).toEqual({ lost: [], wrong: [] });
  const results = await world.app.results();
  for (const { jobId, name } of doomed) expect(await results.get(jobId), name).toBeUndefined();
}

const once = (fault: Fault, calls: readonly string[]) =>
  calls.map((call) => ({ calls: new RegExp(`^${call}$`), fault, times: 1 }));

test('no kind of call of the timers is without its faults below', { timeout: 300_000 }, async () => {
  const given = await work('first');
  const before = new Map(wire.counts);
  // What the first run begins, such as a training, a later one ends.
  for (const timer of Object.values(TIMERS)) {
    for (let runs = 0; runs < 3; runs += 1) await untilDone(timer);
  }
  const covered = new Set(Object.values(TIMERS).flatMap(({ calls }) => calls));
  // Once in the life of a list, and the same call as for the first face of all: `faults.test.ts` has it.
  covered.add('face list create');
  const made = [...wire.counts].filter(([call, count]) => count > (before.get(call) ?? 0));
  expect(made.map(([call]) => call).filter((call) => !covered.has(call))).toEqual([]);
  await expectAllWell(given);
});

describe('every kind of call of every timer meets every fault once, and the next run makes it good', () => {
  // `stall` comes below; `slow` fails nothing.
  for (const fault of FAULTS.filter((name) => name !== 'stall' && name !== 'slow')) {
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
  for (const fault of ['unavailable', 'throttled'] as const) {
    test(fault, { timeout: 300_000 }, async () => {
      const most: Record<string, number> = {};
      for (const service of ['blob', 'queue', 'table', 'face']) {
        const given = await work(`${service}-${fault}`);
        for (const [name, timer] of Object.entries(TIMERS)) {
          const calls = new RegExp(`^${service} `);
          const before = wire.count(calls);
          const started = Date.now();
          wire.rules({ calls, fault });
          await timer.run(app, world.app).catch(() => {});
          wire.rules();
          const made = wire.count(calls) - before;
          most[name] = Math.max(most[name] ?? 0, made);
          if (timer.calls.some((call) => calls.test(call)))
            expect(made, `${service} ${name}`).toBeGreaterThan(0);
          // Where the service says when to come again, an erasure does so a few times more.
          const told = fault === 'throttled' ? ((Date.now() - started) / 1000) * 2 : 0;
          expect(made, `${service} ${name}`).toBeLessThanOrEqual(MOST_CALLS + told);
        }
        for (const timer of Object.values(TIMERS)) await untilDone(timer);
        await expectAllWell(given);
      }
      console.log(`${fault}: calls to the service that is away, in one run at most: ${JSON.stringify(most)}`);
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
