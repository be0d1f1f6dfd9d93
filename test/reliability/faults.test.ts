import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { lockResults } from '../support/own-database.ts';
import type { Child } from '../support/stack.ts';
import { examine, examineRest, settled } from './invariant.ts';
import { TIMERS } from './timers.ts';
import { FAULTS, type Fault } from './wire/faults.ts';
import type { Rule } from './wire/wire.ts';
import { type Dropped, until, World } from './world.ts';

/** The kinds of call that every job makes. */
const CALLS = [
  'queue send',
  'queue receive',
  'queue delete',
  'queue renew',
  'table get',
  'table list',
  'table insert',
  'table merge',
  'blob read',
  'blob head',
  'blob write',
  'vision analyze',
  'vision read',
  'vision read result',
  'face detect',
  'face find',
  'face add',
] as const;

/** Half of an invisibility period must pass before a message is renewed: longer than a step takes here by itself. */
const LONG_ENOUGH_TO_RENEW: readonly Rule[] = [{ calls: /^face (add|find)$/, fault: 'slow', times: 4 }];

/** The kinds of call that a host makes as it starts, and at the very first face. */
const STARTING = ['queue other', 'table create', 'blob container', 'face list create'] as const;

const once = (fault: Fault, calls: readonly string[] = CALLS): Rule[] =>
  calls.map((call) => ({ calls: new RegExp(`^${call}$`), fault, times: 1 }));

let world: World;
const images: Dropped[] = [];
let person = 0;

beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world?.close());
beforeEach(() => world.wire.rules());

let host: Promise<Child> | undefined;
/** The host of all tests that are not about starting one. */
async function startHost(): Promise<void> {
  host ??= world.startHost();
  await host;
}

/** Two photographs of one person, one with much text and in need of a rendition. */
async function pair(batch: string): Promise<Dropped[]> {
  person += 10;
  const two = [
    await world.drop(`${batch}/one.webp`, {
      scene: { people: [person, person + 1], muchText: true },
      format: 'webp',
    }),
    await world.drop(`${batch}/two.jpg`, { scene: { people: [person] } }),
  ];
  images.push(...two);
  return two;
}

async function expectAllDone(of: readonly Dropped[]): Promise<void> {
  await settled(world, of);
  const { lost, wrong } = await examine(world, of);
  expect({ lost, wrong }).toEqual({ lost: [], wrong: [] });
}

describe('every call of a host that starts meets every fault once', () => {
  for (const fault of FAULTS.filter((name) => name !== 'stall')) {
    test(fault, { timeout: 300_000 }, async () => {
      world.wire.rules(...once(fault, STARTING));
      const host = await world.startHost({ FACE_LIST_PREFIX: `first-${fault}` });
      await expectAllDone(await pair(`first-${fault}`));
      expect(world.wire.unmet()).toEqual([]);
      await host.stop('SIGKILL');
    });
  }
});

describe('every kind of call meets every fault once, and every step is done all the same', () => {
  beforeAll(startHost);

  for (const fault of FAULTS.filter((name) => name !== 'stall')) {
    test(fault, { timeout: 300_000 }, async () => {
      world.wire.rules(...once(fault), ...LONG_ENOUGH_TO_RENEW);
      await expectAllDone(await pair(fault));
      expect(world.wire.unmet()).toEqual([]);
    });
  }

  test('stall: no call is waited for longer than its limit', { timeout: 600_000 }, async () => {
    world.wire.rules(...once('stall'), ...LONG_ENOUGH_TO_RENEW);
    const many = (await Promise.all(['a', 'b', 'c', 'd'].map((name) => pair(`stall-${name}`)))).flat();
    await expectAllDone(many);
    expect(world.wire.unmet()).toEqual([]);
  });
});

describe('while something is away nothing is lost and nobody calls in a hot loop', () => {
  beforeAll(startHost);

  /** Calls of `kind` per message that a test's window may see: one per back-off of at least the base, and a few more. */
  const atMost = (started: number, messages: number) => messages * (4 + (Date.now() - started) / 200);

  const tell = (what: string, calls: number, started: number) =>
    console.log(`${what}: ${((calls * 1000) / (Date.now() - started)).toFixed(1)} calls a second`);

  test('the vision services are down', { timeout: 300_000 }, async () => {
    const before = world.wire.count(/^(vision|face)/);
    const started = Date.now();
    world.wire.rules({ calls: /^(vision|face)/, fault: 'unavailable' });
    const two = await pair('vision-down');
    await until('Both wait, and say why', async () => {
      const jobs = await Promise.all(
        two.map(({ jobId }) => world.observer.journal.read('vision-down', jobId)),
      );
      const waits = jobs.map((entry) => entry?.job.steps.generalclassification);
      return (
        waits.every((step) => step?.state === 'waiting' && step.attempts === 0) &&
        world.wire.count(/^(vision|face)/) > before + 10
      );
    });
    const calls = world.wire.count(/^(vision|face)/) - before;
    tell('vision services down, two images', calls, started);
    expect(calls).toBeLessThan(atMost(started, 2));
    world.wire.rules();
    await expectAllDone(two);
  });

  test('the vision services throttle two hosts', { timeout: 300_000 }, async () => {
    const second = await world.startHost();
    const started = Date.now();
    const before = world.wire.count(/^(vision|face)/);
    world.wire.rules({ calls: /^(vision|face)/, fault: 'throttled', times: 30 });
    const many = (await Promise.all(['a', 'b', 'c'].map((name) => pair(`throttled-${name}`)))).flat();
    await until('All refusals are used up', async () => world.wire.unmet().length === 0);
    const seconds = (Date.now() - started) / 1000;
    const calls = world.wire.count(/^(vision|face)/) - before;
    tell('vision services that throttle, two hosts and six images', calls, started);
    // In a second of pause each host lets at most those through that it had under way.
    expect(calls).toBeLessThan(30 + many.length * 2 * (seconds + 1));
    await expectAllDone(many);
    await second.stop('SIGKILL');
  });

  for (const [services, what] of [
    [['blob'], 'blobs are away'],
    [['table'], 'tables are away'],
    [['blob', 'queue', 'table'], 'the storage account is away'],
  ] as const) {
    test(what, { timeout: 300_000 }, async () => {
      const two = await pair(what.replaceAll(' ', '-'));
      const before = world.wire.refused;
      const started = Date.now();
      await world.wire.cut(...services);
      await until('A while has passed', async () => Date.now() - started > 5000);
      const seconds = (Date.now() - started) / 1000;
      tell(what, world.wire.refused - before, started);
      // Nineteen queues are polled five times a second at most, and each call is tried three times.
      expect(world.wire.refused - before).toBeGreaterThan(0);
      expect(world.wire.refused - before).toBeLessThan(19 * 5 * 3 * seconds);
      world.wire.aimAtStorage(world.emulator);
      await expectAllDone(two);
    });
  }

  test('another process has locked the database', { timeout: 300_000 }, async () => {
    const unlock = await lockResults(world.outsideEnv);
    const two = await pair('locked');
    await until('Both wait for the database', async () => {
      const jobs = await Promise.all(two.map(({ jobId }) => world.observer.journal.read('locked', jobId)));
      return jobs.every((entry) => entry?.job.steps.pipelineoutput?.state === 'waiting');
    });
    await unlock();
    await expectAllDone(two);
  });
});

test('no kind of call was forgotten, here or in the tests of the timers', () => {
  const timers = Object.values(TIMERS).flatMap(({ calls }) => calls);
  const covered = new Set<string>([...CALLS, ...STARTING, ...timers]);
  expect([...world.wire.counts.keys()].filter((call) => !covered.has(call))).toEqual([]);
});

test('after all of this nothing is left over', { timeout: 300_000 }, async () => {
  expect((await examineRest(world, images)).wrong).toEqual([]);
});
