/**
 * `npm run train:custom-vision [-- --images 3600]`: trains the sample classifier on pictures made by code and writes
 * samples/custom-vision/textures.onnx and textures.txt. A minute on one core; the same on every run.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { decodeUpright } from '../../src/imaging/decode.ts';
import { resizePixels } from '../../src/imaging/resize.ts';
import { toTensorData } from '../../src/vision/classifier-tensors.ts';
import { chance } from '../chance.ts';
import { atLeastOne, commandLine } from '../command-line.ts';
import { type Example, train } from '../perceptron.ts';
import { classifierModel, featureModel, SIDE } from './model.ts';
import { TEXTURES, textureSet, toJpeg } from './textures.ts';

/** Of the filters: what is trained on their answers fits no others. */
const SEED = 7;
/** As the settings have it unless told otherwise. */
const INPUT = { mean: [0, 0, 0], scale: [255, 255, 255], channels: 'RGB' } as const;

const command = commandLine('train:custom-vision', 'Trains the sample classifier of the step customvision.')
  .option('--images <number>', 'pictures to train on', '3600')
  .parse();
const images = atLeastOne(command, '--images', command.opts<{ images: string }>().images);

const examples = await answers(featureModel(chance(SEED)), images, 0);
const model = classifierModel(chance(SEED), train(examples, TEXTURES.length, chance(11)));
const heldOut = await answers(model, 600, 1);
const right = heldOut.filter(({ input, label }) => input.indexOf(Math.max(...input)) === label).length;

const folder = fileURLToPath(new URL('../../samples/custom-vision/', import.meta.url));
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'textures.onnx'), model);
await writeFile(join(folder, 'textures.txt'), `${TEXTURES.join('\n')}\n`);
console.log(`held out: ${((right / heldOut.length) * 100).toFixed(1)} % of ${heldOut.length} pictures`);

/** What a model says of pictures as the step hands them to it: through a JPEG, decoded and resized by the same code. */
async function answers(onnx: Buffer, count: number, seed: number): Promise<Example[]> {
  const session = await InferenceSession.create(onnx);
  const found: Example[] = [];
  for (const picture of textureSet(count, seed)) {
    const pixels = await resizePixels(await decodeUpright(await toJpeg(picture)), SIDE, SIDE);
    const image = toTensorData(pixels, { width: SIDE, height: SIDE, layout: 'NCHW' }, INPUT);
    const outputs = await session.run({ image: new Tensor('float32', image, [1, 3, SIDE, SIDE]) });
    const [output] = Object.values(outputs);
    found.push({ input: output?.data as Float32Array, label: TEXTURES.indexOf(picture.texture) });
  }
  return found;
}
