import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningStorage, startStorage } from '../../../../src/local/storage/start.ts';
import { runSeed } from '../../../reliability/random.ts';
import { startAzurite } from '../../../support/azurite.ts';
import type { Emulator } from '../../../support/running-emulator.ts';
import { accountOf } from '../wire/account.ts';
import { WireClient } from '../wire/client.ts';
import { DIFFERENCES } from './differences.ts';
import { type Oracle, runSequence } from './run.ts';
import { runSdkSequence, sdkSteps } from './sdk-sequence.ts';
import { TOPICS } from './sequences.ts';

/** Sequences per service; `ORACLE_RUNS=2000` for a long look. */
const RUNS = Number(process.env.ORACLE_RUNS ?? 12);
const LANES = 6;
/** A long look takes as long as it takes. */
const timeout = RUNS > 100 ? 4 * 3_600_000 : 180_000;

/** The same sequences in every run of the suite; others with `SEED`, and for a long look. */
const seed = process.env.ORACLE_RUNS === undefined ? runSeed(process.env.SEED ?? '20261129') : runSeed();
const unexpected: string[] = [];
let folder: string;
let azurite: Emulator;
let storage: RunningStorage;
let oracle: Oracle;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imaginem-oracle-'));
  azurite = await startAzurite();
  const { account, key } = accountOf(azurite.connectionString);
  storage = await startStorage({
    folder,
    accounts: [{ name: account, keys: [key] }],
    onUnexpected: (error, what) => unexpected.push(`${what}: ${error}`),
  });
  oracle = {
    // Azurite lets go of a connection after five idle seconds, on a busy machine under the very next request.
    azurite: new WireClient(accountOf(azurite.connectionString), false),
    ours: new WireClient(accountOf(storage.connectionString)),
  };
});

afterAll(async () => {
  oracle?.azurite.close();
  oracle?.ours.close();
  await storage?.close();
  await azurite?.stop();
  await rm(folder, { recursive: true, force: true });
});

for (const { service, language, steps } of TOPICS) {
  test(`${service}: each answer is Azurite's, one request after the other (SEED=${seed})`, {
    timeout,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(steps, (sequence) => runSequence(oracle, language, service, sequence)),
      { seed, numRuns: RUNS, endOnFailure: RUNS > 100 },
    );
    expect(unexpected).toEqual([]);
  });
}

test(`each answer is Azurite's with ${LANES} lanes at once (SEED=${seed})`, { timeout }, async () => {
  const lanes = TOPICS.map(({ service, language, steps }) =>
    steps.map((sequence) => ({ service, language, sequence })),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(...lanes), { minLength: LANES, maxLength: LANES }), async (all) => {
      await Promise.all(
        all.map(({ service, language, sequence }) => runSequence(oracle, language, service, sequence)),
      );
    }),
    { seed, numRuns: Math.ceil(RUNS / 4), endOnFailure: true },
  );
  expect(unexpected).toEqual([]);
});

test(`the SDKs make the same of either's answers (SEED=${seed})`, { timeout }, async () => {
  const connections = { azurite: azurite.connectionString, ours: storage.connectionString };
  await fc.assert(
    fc.asyncProperty(sdkSteps, (steps) => runSdkSequence(connections, steps)),
    { seed, numRuns: Math.ceil(RUNS / 4), endOnFailure: RUNS > 100 },
  );
  expect(unexpected).toEqual([]);
});

test('each allowed difference says why', () => {
  for (const { name, reason } of DIFFERENCES) expect(reason.length, name).toBeGreaterThan(40);
});
