import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chance } from '../../scripts/chance.ts';
import { LEAK, train } from '../../scripts/perceptron.ts';
import { classifierModel, featureModel, SIDE } from '../../scripts/train-custom-vision/model.ts';
import { TEXTURES, texture, textureSet, toJpeg } from '../../scripts/train-custom-vision/textures.ts';
import { UnavailableError } from '../../src/domain/errors.ts';
import { decodeUpright } from '../../src/imaging/decode.ts';
import { resizePixels } from '../../src/imaging/resize.ts';
import { customvision } from '../../src/steps/customvision.ts';
import { runStep } from '../../src/testing/run-step.ts';
import { toTensorData } from '../../src/vision/classifier-tensors.ts';
import { openImageClassifier } from '../../src/vision/image-classifier.ts';
import { projectRoot } from '../support/project-root.ts';

const settings = {
  CUSTOM_VISION_MODEL: 'samples/custom-vision/textures.onnx',
  CUSTOM_VISION_LABELS: 'samples/custom-vision/textures.txt',
};
const plain = { mean: [0, 0, 0], scale: [255, 255, 255], channels: 'RGB' } as const;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imaginem-model-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the sample model is as accurate as docs/steps.md says, on pictures it has not seen, through the step itself', async () => {
  const heldOut = textureSet(600, 1);
  let right = 0;
  for (const picture of heldOut) {
    const { labels } = await runStep(customvision, await toJpeg(picture), { settings });
    if (labels[0]?.label === picture.texture) right += 1;
  }
  const page = await readFile(join(projectRoot, 'docs/steps.md'), 'utf8');
  const stated = Number(/(\d+\.\d) % of 600 pictures/.exec(page)?.[1]);
  expect(Math.abs((right / heldOut.length) * 100 - stated)).toBeLessThanOrEqual(0.5);
  expect(right / heldOut.length).toBeGreaterThan(0.9);
}, 240_000);

test('the most probable labels are put out, as many as the setting says, and add up to one', async () => {
  const image = await toJpeg(texture('rings', 77));
  const three = await runStep(customvision, image, { settings });
  expect(three.labels).toHaveLength(3);
  const all = await runStep(customvision, image, { settings: { ...settings, CUSTOM_VISION_TOP: '9' } });
  expect(all.labels.map(({ label }) => label).sort()).toEqual([...TEXTURES].sort());
  expect(all.labels.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 4);
  expect(three.labels).toEqual(all.labels.slice(0, 3));
});

test('a model is loaded once, however many images come, and looked for again where it was not there', async () => {
  const image = await toJpeg(texture('dots', 3));
  const own = {
    CUSTOM_VISION_MODEL: join(folder, 'once.onnx'),
    CUSTOM_VISION_LABELS: join(projectRoot, settings.CUSTOM_VISION_LABELS),
  };
  await expect(runStep(customvision, image, { settings: own })).rejects.toMatchObject({
    code: 'ModelMissing',
  });
  await copyFile(join(projectRoot, settings.CUSTOM_VISION_MODEL), own.CUSTOM_VISION_MODEL);
  const first = await runStep(customvision, image, { settings: own });
  await rm(own.CUSTOM_VISION_MODEL);
  expect(await runStep(customvision, image, { settings: own })).toEqual(first);
});

describe('what is not there is said, with what to do', () => {
  const run = async (given: Record<string, string>) =>
    runStep(customvision, await toJpeg(texture('dots', 1)), { settings: given });

  test('no setting: unavailable, which is no failure', async () => {
    await expect(run({})).rejects.toMatchObject({
      name: 'UnavailableError',
      code: 'CustomVisionNotConfigured',
      message: expect.stringMatching(/set CUSTOM_VISION_MODEL/),
    });
  });

  test.each([
    [
      'no model',
      { CUSTOM_VISION_MODEL: 'samples/none.onnx' },
      'ModelMissing',
      /CUSTOM_VISION_MODEL names is not there/,
    ],
    ['no labels', { CUSTOM_VISION_LABELS: 'samples/none.txt' }, 'LabelsMissing', /CUSTOM_VISION_LABELS/],
    ['no model in the file', { CUSTOM_VISION_MODEL: 'package.json' }, 'ModelUnusable', /not an ONNX model/],
    [
      'labels of another model',
      { CUSTOM_VISION_LABELS: 'LICENSE' },
      'ModelUnusable',
      /gives 6 scores, and the label file has \d+/,
    ],
  ])('%s: failed, with what to do', async (_, wrong, code, sentence) => {
    await expect(run({ ...settings, ...wrong })).rejects.toMatchObject({
      name: 'PermanentError',
      code,
      message: expect.stringMatching(sentence),
    });
  });

  test('no runtime: unavailable', async () => {
    const options = {
      model: join(projectRoot, settings.CUSTOM_VISION_MODEL),
      labels: join(projectRoot, settings.CUSTOM_VISION_LABELS),
      ...plain,
    };
    const missing = openImageClassifier(options, () => Promise.reject(new Error('Cannot find package')));
    await expect(missing).rejects.toBeInstanceOf(UnavailableError);
    await expect(missing).rejects.toThrow(/ONNX runtime is not installed.*npm install onnxruntime-node/);
  });

  test('a wrong scale is refused when the settings are read', async () => {
    await expect(run({ ...settings, CUSTOM_VISION_SCALE: '1,2' })).rejects.toThrow(
      /CUSTOM_VISION_SCALE: must be one number/,
    );
    await expect(run({ ...settings, CUSTOM_VISION_SCALE: '0' })).rejects.toThrow(/must not be 0/);
  });
});

test('the model that the script writes gives what the perceptron makes of the features', async () => {
  const [features, file, labels] = [featureModel(chance(7)), join(folder, 'a.onnx'), join(folder, 'a.txt')];
  const look = await InferenceSession.create(features);
  const seen = await Promise.all(
    textureSet(18, 5).map(async ({ texture: kind, ...picture }) => {
      const pixels = await decodeUpright(await toJpeg({ texture: kind, ...picture }));
      const shape = { width: SIDE, height: SIDE, layout: 'NCHW' } as const;
      const image = toTensorData(await resizePixels(pixels, SIDE, SIDE), shape, plain);
      const outputs = await look.run({ image: new Tensor('float32', image, [1, 3, SIDE, SIDE]) });
      return { pixels, input: outputs.features?.data as Float32Array, label: TEXTURES.indexOf(kind) };
    }),
  );
  const perceptron = train(seen, TEXTURES.length, chance(3));
  await writeFile(file, classifierModel(chance(7), perceptron));
  await writeFile(labels, TEXTURES.join('\n'));
  const classifier = await openImageClassifier({ model: file, labels, ...plain });
  expect(classifier.input).toMatchObject({ width: SIDE, height: SIDE, layout: 'NCHW' });
  for (const { pixels, input } of seen) {
    const [hidden, last] = perceptron.map(
      ({ weights, inputs, outputs }) =>
        (values: readonly number[]) =>
          Array.from({ length: outputs }, (_, row) => {
            const own = weights.subarray(row * (inputs + 1), (row + 1) * (inputs + 1));
            return values.reduce((sum, value, i) => sum + value * (own[i] ?? 0), own[inputs] ?? 0);
          }),
    );
    const scores = last?.(hidden?.([...input]).map((v) => (v > 0 ? v : LEAK * v)) ?? []) ?? [];
    const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
    for (const { label, probability } of await classifier.classify(pixels))
      expect(probability).toBeCloseTo(Math.exp(scores[TEXTURES.indexOf(label as never)] ?? 0) / total, 4);
  }
});
