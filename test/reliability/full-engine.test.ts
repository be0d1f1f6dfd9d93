import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Analysis, AnalysisPart } from '../../src/local/vision/analysis.ts';
import { createEngine, type Engine } from '../../src/local/vision/engine.ts';
import { gatewayErrors } from '../../src/local/vision/errors.ts';
import { createFakeAnalyzer, picture } from '../local/vision/fake-analyzer.ts';
import { jpeg, quadrants } from '../support/images.ts';
import { openStack, type Stack } from '../support/stack.ts';

const IMAGES = 30;

/** How long the models take over an image, and the engine lets a call wait: room for a handful of calls. */
const TURN_MS = 60;
const ANSWER_WITHIN_MS = 300;

let engine: Engine;
let stack: Stack;
let refused = 0;
const rateLimited = gatewayErrors.rateLimited;

beforeAll(async () => {
  gatewayErrors.rateLimited = (seconds) => {
    refused++;
    return rateLimited(seconds);
  };
  const fake = createFakeAnalyzer();
  const scene = picture({ width: 640, height: 480 });
  engine = createEngine({
    analyzer: {
      analyze: async <P extends AnalysisPart>(
        _: Uint8Array,
        parts: readonly P[],
      ): Promise<Pick<Analysis, P>> => {
        // The models at work, not a wait of the test's.
        await new Promise((resolve) => setTimeout(resolve, TURN_MS));
        return fake.analyze(scene, parts);
      },
      close: () => fake.close(),
    },
    answerWithinMs: ANSWER_WITHIN_MS,
  });
  stack = await openStack(await engine.listen(), {
    AzureFunctionsJobHost__extensions__queues__batchSize: '16',
    AzureFunctionsJobHost__extensions__queues__newBatchThreshold: '8',
    MAX_ATTEMPTS: '1',
  });
}, 120_000);

afterAll(async () => {
  gatewayErrors.rateLimited = rateLimited;
  await stack?.stop();
  await engine?.close();
});

test('images that fill an engine of few places are all done, and none loses an attempt', async () => {
  for (let n = 0; n < IMAGES; n++) await stack.drop(`full/${n}.jpg`, await jpeg(quadrants(640, 480)));
  await stack.startHost();
  const rows = await stack.rows(IMAGES, 200_000);
  expect(rows.map(({ status }) => status)).toEqual(Array.from({ length: IMAGES }, () => 'done'));
  const jobs = [];
  for await (const job of stack.app.journal.jobs()) jobs.push(job);
  expect(jobs).toHaveLength(IMAGES);
  for (const { steps } of jobs) {
    for (const [name, { state }] of Object.entries(steps))
      expect({ name, state }).toMatchObject({ state: expect.stringMatching(/done|skipped/) });
    for (const { attempts } of Object.values(steps)) expect(attempts).toBeLessThanOrEqual(1);
  }
  expect(refused).toBeGreaterThan(0);
}, 240_000);
