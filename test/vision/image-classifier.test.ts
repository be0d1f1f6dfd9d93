import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { openImageClassifier } from '../../src/vision/image-classifier.ts';

/** A classifier over a runtime that says what the test says: what is asked of it, and what it gives. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imaginem-classifier-'));
  await writeFile(join(folder, 'model'), 'x');
  await writeFile(join(folder, 'labels'), 'cat\r\ndog\n');
  return () => rm(folder, { recursive: true, force: true });
});

const image = { isTensor: true, type: 'float32', shape: [1, 3, 2, 2] };
async function open(
  more: { inputs?: string[]; outputs?: string[]; metadata?: object; scores?: unknown } = {},
) {
  const {
    inputs = ['in'],
    outputs = ['early', 'out'],
    metadata = image,
    scores = Float32Array.of(0.25, 0.75),
  } = more;
  const calls: unknown[] = [];
  const load = async () => ({
    InferenceSession: {
      create: async (model: string, options: object) => {
        calls.push([model, options]);
        return {
          ...{ inputNames: inputs, outputNames: outputs, inputMetadata: [metadata] },
          run: async (given: object, wanted: string[]) => {
            calls.push([given, wanted]);
            return { [wanted[0] ?? '']: { data: scores } };
          },
        };
      },
    },
    Tensor: class {
      given: unknown[];
      constructor(...given: unknown[]) {
        this.given = given;
      }
    },
  });
  const files = { model: join(folder, 'model'), labels: join(folder, 'labels') };
  const plain = { mean: [0, 0, 0], scale: [255, 255, 255], channels: 'RGB' as const };
  const classifier = await openImageClassifier({ ...files, ...plain }, load as never);
  return { classifier, calls };
}
const pixels = { data: Buffer.alloc(2 * 2 * 3, 255), width: 2, height: 2, channels: 3 } as never;

test('an image is given as the model takes it, on one thread, and each label has its score, the best first', async () => {
  const { classifier, calls } = await open();
  expect(await classifier.classify(pixels)).toEqual([
    { label: 'dog', probability: 0.75 },
    { label: 'cat', probability: 0.25 },
  ]);
  expect(calls).toEqual([
    [join(folder, 'model'), { intraOpNumThreads: 1, interOpNumThreads: 1 }],
    [{ in: { given: ['float32', new Float32Array(12).fill(1), [1, 3, 2, 2]] } }, ['out']],
  ]);
});

test.each<[string, Parameters<typeof open>[0], RegExp]>([
  ['no input', { inputs: [] }, /it has 0 inputs/],
  ['two inputs', { inputs: ['a', 'b'] }, /it has 2 inputs/],
  ['no output', { outputs: [] }, /cannot be used/],
  ['an input that is no tensor', { metadata: { ...image, isTensor: false } }, /its input is not an image/],
  ['an input of whole numbers', { metadata: { ...image, type: 'uint8' } }, /its input is not an image/],
  ['an input that is no image', { metadata: { ...image, shape: [1, 3072] } }, /its input is not an image/],
])('a model with %s cannot be used', async (_, more, message) => {
  await expect(open(more)).rejects.toMatchObject({
    code: 'ModelUnusable',
    message: expect.stringMatching(message),
  });
});

test.each<[string, unknown, RegExp]>([
  ['no numbers', ['a'], /not an array of numbers/],
  ['nothing', undefined, /not an array of numbers/],
  ['too few', Float32Array.of(1), /gives 1 scores, and the label file has 2 labels/],
])('a model that gives %s cannot be used', async (_, scores, message) => {
  const { classifier } = await open({ scores: scores ?? null });
  await expect(classifier.classify(pixels)).rejects.toMatchObject({
    code: 'ModelUnusable',
    message: expect.stringMatching(message),
  });
});
