import { access, readFile } from 'node:fs/promises';
import type { InferenceSession } from 'onnxruntime-node';
import type { OwnCode } from '../domain/error-codes.ts';
import { PermanentError, UnavailableError } from '../domain/errors.ts';
import type { Pixels } from '../domain/pixels.ts';
import { resizePixels } from '../imaging/resize.ts';
import { type InputShape, readInputShape, softmaxed, toTensorData } from './classifier-tensors.ts';

type OnnxRuntime = typeof import('onnxruntime-node');

interface ClassifierOptions {
  /** Path of the ONNX file. */
  model: string;
  /** Path of the label file: one a line, in the order of the output. */
  labels: string;
  /** By channel: the input is (value - mean) / scale for values of 0 to 255. */
  mean: readonly number[];
  scale: readonly number[];
  channels: 'RGB' | 'BGR';
}

interface Label {
  label: string;
  /** 0 to 1; all labels together 1. */
  probability: number;
}

/** An image classifier in an ONNX file. */
export interface ImageClassifier {
  /** Pixels that the model takes. */
  readonly input: InputShape;
  /** Every label with its probability, the most probable first. */
  classify(pixels: Pixels): Promise<Label[]>;
}

/** One thread: parallelism comes from the queue. */
const SESSION: InferenceSession.SessionOptions = { intraOpNumThreads: 1, interOpNumThreads: 1 };

/**
 * Loads a classifier: any model with one image input (1 x 3 x H x W or 1 x H x W x 3, float) and one output with a
 * score for each label, as Azure Custom Vision, PyTorch and Keras export them. The image is stretched to the input's
 * size; scores that are not probabilities already are put through a softmax.
 *
 * The runtime is loaded here and not before: it weighs more than the whole deployed package, which leaves it out.
 *
 * @throws {UnavailableError} OnnxRuntimeMissing
 * @throws {PermanentError} ModelMissing, LabelsMissing, ModelUnusable
 */
export async function openImageClassifier(
  options: ClassifierOptions,
  load: () => Promise<OnnxRuntime> = () => import('onnxruntime-node'),
): Promise<ImageClassifier> {
  await there('ModelMissing', 'CUSTOM_VISION_MODEL', options.model);
  await there('LabelsMissing', 'CUSTOM_VISION_LABELS', options.labels);
  const labels = (await readFile(options.labels, 'utf8')).trimEnd().split(/\r?\n/);
  const { InferenceSession, Tensor } = await runtime(load);
  const session = await InferenceSession.create(options.model, SESSION).catch((cause: unknown) => {
    throw unusable('it is not an ONNX model that the runtime can load', cause);
  });
  const [inputName, ...otherInputs] = session.inputNames;
  const outputName = session.outputNames.at(-1);
  if (inputName === undefined || outputName === undefined || otherInputs.length > 0) {
    throw unusable(`it has ${session.inputNames.length} inputs, and an image classifier has one`);
  }
  const metadata = session.inputMetadata[0];
  const input =
    metadata?.isTensor && metadata.type === 'float32' ? readInputShape(metadata.shape) : undefined;
  if (!input)
    throw unusable('its input is not an image: 1 x 3 x height x width or 1 x height x width x 3, float');
  return {
    input,
    async classify(pixels) {
      const resized = await resizePixels(pixels, input.width, input.height);
      const tensor = new Tensor('float32', toTensorData(resized, input, options), input.dims);
      const { [outputName]: scores } = await session.run({ [inputName]: tensor }, [outputName]);
      if (!(scores?.data instanceof Float32Array)) throw unusable('its output is not an array of numbers');
      if (scores.data.length !== labels.length) {
        throw unusable(
          `it gives ${scores.data.length} scores, and the label file has ${labels.length} labels: one a line, in the model's order`,
        );
      }
      return [...softmaxed(scores.data)]
        .map((probability, index) => ({ label: labels[index] as string, probability }))
        .sort((a, b) => b.probability - a.probability);
    },
  };
}

async function runtime(load: () => Promise<OnnxRuntime>): Promise<OnnxRuntime> {
  try {
    return await load();
  } catch (cause) {
    throw new UnavailableError(
      'OnnxRuntimeMissing',
      'The ONNX runtime is not installed here. Add it to the package ("npm install onnxruntime-node", about 290 MB with all platforms), or take customvision out of PIPELINE_DEFINITION.',
      { cause },
    );
  }
}

async function there(code: OwnCode, setting: string, file: string): Promise<void> {
  await access(file).catch((cause: unknown) => {
    throw new PermanentError(
      code,
      `The file that ${setting} names is not there. Correct the setting, or deploy the file.`,
      {
        cause,
      },
    );
  });
}

function unusable(what: string, cause?: unknown): PermanentError {
  return new PermanentError('ModelUnusable', `The model of CUSTOM_VISION_MODEL cannot be used: ${what}.`, {
    cause,
  });
}
