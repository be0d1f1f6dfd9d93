import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { PermanentError } from '../../src/domain/errors.ts';
import { defineStep } from '../../src/domain/step.ts';
import { runStep } from '../../src/testing/run-step.ts';
import { jpeg, orientedJpeg, quadrants } from '../support/images.ts';
import { projectRoot } from '../support/project-root.ts';

const look = defineStep({
  name: 'look',
  needs: [],
  schema: z.object({
    size: z.string(),
    corner: z.array(z.number()),
    url: z.string(),
    parameters: z.unknown(),
  }),
  summary: 'Says what it is given.',
  run: async ({ image, job, settings }) => {
    const pixels = await image.pixels();
    return {
      size: `${image.width}x${image.height} ${pixels.width}x${pixels.height} ${image.contentType} ${settings.MAX_ATTEMPTS}`,
      corner: [...pixels.data.subarray(0, 3)].map((value) => Math.round(value / 255)),
      url: image.url,
      parameters: job.parameters,
    };
  },
});
const greet = defineStep<{ text: string }, { look: { size: string } }>({
  name: 'greet',
  needs: ['look'],
  schema: z.object({ text: z.string() }),
  summary: 'Repeats what was seen.',
  run: async ({ output, previous }) => ({ text: `${previous?.text ?? 'new'} ${output.look.size}` }),
});

test('the image is admitted as in the pipeline: a turned one is upright, and the settings and parameters arrive', async () => {
  const upright = await runStep(look, await jpeg(quadrants(96, 64)), { parameters: { camp: 4 } });
  expect(upright).toMatchObject({ size: '96x64 96x64 image/jpeg 5', parameters: { camp: 4 } });
  const turned = await runStep(look, await orientedJpeg(6), {
    settings: { MAX_ATTEMPTS: '7' },
    jobId: 'one',
  });
  expect(turned).toMatchObject({ size: '96x64 96x64 image/jpeg 7', corner: [1, 0, 0] });
  expect(turned.url).toMatch(/test-batch\/one$/);
});

test('bytes, a path and a file address are the same image', async () => {
  const path = join(projectRoot, 'samples', 'sign.jpg');
  const seen = await Promise.all(
    [path, pathToFileURL(path), await readFile(path)].map((image) => runStep(look, image)),
  );
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[2]).toEqual(seen[0]);
});

test('outputs of needed steps and of an earlier run arrive; one that is missing is named', async () => {
  const image = await jpeg();
  const given = { output: { look: { size: 'small' } }, previous: { text: 'again' } };
  expect(await runStep(greet, image, given)).toEqual({ text: 'again small' });
  await expect(runStep(greet, image, { output: {} as never })).rejects.toThrow(
    /"greet" needs "look": give its output/,
  );
});

test('what the step returns is held to its schema, and what the pipeline would reject is rejected', async () => {
  const wrong = { ...greet, run: async () => ({ text: 3 }) as never };
  await expect(runStep(wrong, await jpeg(), { output: { look: { size: '' } } })).rejects.toThrow(/string/);
  await expect(runStep(look, Buffer.from('no image'))).rejects.toBeInstanceOf(PermanentError);
});
