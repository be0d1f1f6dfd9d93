/**
 * `npm run train:custom-vision [-- --images 3600 --epochs 14]`: trains the sample classifier on pictures made by code
 * and writes samples/custom-vision/textures.onnx and textures.txt. A few minutes on one core; the same on every run.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeUpright } from '../../src/imaging/decode.ts';
import { resizePixels } from '../../src/imaging/resize.ts';
import { toTensorData } from '../../src/vision/classifier-tensors.ts';
import { chance } from '../chance.ts';
import { atLeastOne, commandLine } from '../command-line.ts';
import { Adam } from './adam.ts';
import { backward, type Network, newNetwork, normalised, parameters, predict } from './network.ts';
import { toOnnx } from './onnx.ts';
import { TEXTURES, textureSet, toJpeg } from './textures.ts';

/** Pixels of the model's input. */
const SIDE = 48;
const CHANNELS = [3, 12, 20, 32];
const BATCH = 24;
const RATE = 0.006;
/** As the settings have it unless told otherwise. */
const INPUT = { mean: [0, 0, 0], scale: [255, 255, 255], channels: 'RGB' } as const;

interface Example {
  image: Float32Array;
  label: number;
}

const command = commandLine('train:custom-vision', 'Trains the sample classifier of the step customvision.')
  .option('--images <number>', 'pictures to train on', '3600')
  .option('--epochs <number>', 'times each is looked at', '14')
  .parse();
const values = command.opts<{ images: string; epochs: string }>();
const images = atLeastOne(command, '--images', values.images);
const epochs = atLeastOne(command, '--epochs', values.epochs);
const training = await examples(images, 0);
const heldOut = await examples(600, 1);
const network = newNetwork(CHANNELS, TEXTURES.length, 7);
train(network, training);

const folder = fileURLToPath(new URL('../../samples/custom-vision/', import.meta.url));
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'textures.onnx'), toOnnx(network, SIDE));
await writeFile(join(folder, 'textures.txt'), `${TEXTURES.join('\n')}\n`);
console.log(`held out: ${percent(accuracy(network, heldOut))} of ${heldOut.length} pictures`);

/** What the step would hand to the model: through a JPEG, decoded and resized by the same code. */
async function examples(count: number, seed: number): Promise<Example[]> {
  const found: Example[] = [];
  for (const picture of textureSet(count, seed)) {
    const resized = await resizePixels(await decodeUpright(await toJpeg(picture)), SIDE, SIDE);
    const image = toTensorData(resized, { width: SIDE, height: SIDE, layout: 'NCHW' }, INPUT);
    found.push({ image: normalised(image), label: TEXTURES.indexOf(picture.texture) });
  }
  return found;
}

function train(net: Network, set: readonly Example[]): void {
  const values = parameters(net);
  const adam = new Adam(values);
  const c = chance(11);
  const steps = epochs * Math.ceil(set.length / BATCH);
  let step = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = set.map((example) => ({ example, place: c.next() })).sort((a, b) => a.place - b.place);
    let loss = 0;
    for (let start = 0; start < order.length; start += BATCH) {
      const batch = order.slice(start, start + BATCH);
      const gradients = values.map((value) => new Float32Array(value.length));
      for (const { example } of batch) loss += backward(net, example.image, SIDE, example.label, gradients);
      for (const gradient of gradients)
        for (const at of gradient.keys()) gradient[at] = (gradient[at] as number) / batch.length;
      // Cosine decay.
      adam.step(gradients, (RATE / 2) * (1 + Math.cos((Math.PI * step) / steps)));
      step += 1;
    }
    console.log(`epoch ${epoch + 1}/${epochs}: loss ${(loss / set.length).toFixed(4)}`);
  }
}

function accuracy(net: Network, set: readonly Example[]): number {
  return set.filter(({ image, label }) => predict(net, image, SIDE) === label).length / set.length;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
