import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Analysis, AnalysisPart } from '../../../../src/local/vision/analysis.ts';
import { createFakeAnalyzer, picture } from '../fake-analyzer.ts';
import { startEngine } from '../start-engine.ts';

const CALLS = 300;
const TURN_MS = 4;

test('of 300 calls at once each is answered or told when to come back, none times out, and no image is looked at in vain', async () => {
  const fake = createFakeAnalyzer();
  const worked: number[] = [];
  const { url } = await startEngine({
    clock: Date.now,
    answerWithinMs: 120,
    analyzer: {
      analyze: async <P extends AnalysisPart>(
        bytes: Uint8Array,
        parts: readonly P[],
      ): Promise<Pick<Analysis, P>> => {
        // The models at work, not a wait of the test's.
        await delay(TURN_MS);
        const { width = 0 } = JSON.parse(Buffer.from(bytes).toString().slice('SCENE'.length)) as {
          width?: number;
        };
        worked.push(width);
        return fake.analyze(bytes, parts);
      },
      close: () => fake.close(),
    },
  });
  const ask = (number: number) =>
    fetch(`${url}/face/v1.0/detect?returnFaceId=false`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', 'ocp-apim-subscription-key': 'local' },
      body: new Uint8Array(picture({ width: 1000 + number, height: 800 })),
      signal: AbortSignal.timeout(30_000),
    });
  const answers = await Promise.all(
    Array.from({ length: CALLS }, async (_, number) => {
      const answer = await ask(number);
      await answer.arrayBuffer();
      return { status: answer.status, retryAfter: Number(answer.headers.get('retry-after')) };
    }),
  );
  const done = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status === 429);
  expect(done.length + refused.length).toBe(CALLS);
  expect(done.length).toBeGreaterThan(0);
  expect(refused.length).toBeGreaterThan(0);
  for (const { retryAfter } of refused) expect(retryAfter).toBeGreaterThan(0);
  // Nobody's image was looked at in vain.
  expect(new Set(worked).size).toBe(done.length);
}, 60_000);
