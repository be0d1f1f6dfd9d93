import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AnalyzedAdult } from '../analysis.ts';
import type { Frame } from './decode.ts';
import { modelFromMemory } from './model-files.ts';
import { packageDirectory } from './packages.ts';
import { stretch } from './pixels.ts';
import { startTensorFlow, type Tensor, toTensor } from './tensorflow.ts';

const INPUT_SIDE = 224;

/** The weights of nsfwjs's MobileNetV2Mid: base64 in these files, in the order of the model's manifest. */
const WEIGHT_FILES = ['group1-shard1of2.min.js', 'group1-shard2of2.min.js'];

export type AdultReader = (frame: Frame) => Promise<AnalyzedAdult>;

/**
 * Loads MobileNetV2Mid from inside nsfwjs. Its own loader is passed by: that needs the umbrella TensorFlow package and
 * prints to the console. `adult` is the sum of the classes porn and hentai, `racy` that plus the class sexy.
 */
export async function createAdultReader(): Promise<AdultReader> {
  const runtime = await startTensorFlow();
  const { tf, converter } = runtime;
  const folder = join(packageDirectory('nsfwjs'), 'dist', 'models', 'mobilenet_v2_mid');
  const require = createRequire(import.meta.url);
  const weights = WEIGHT_FILES.map((file) => Buffer.from(require(join(folder, file)) as string, 'base64'));
  const model = await converter.loadGraphModel(
    modelFromMemory(require(join(folder, 'model.min.js')), weights),
  );
  return async ({ pixels }) => {
    const square = await stretch(pixels, INPUT_SIDE, INPUT_SIDE);
    const input = tf.tidy(() => tf.div(tf.expandDims(tf.cast(toTensor(runtime, square), 'float32')), 255));
    let output: Tensor | undefined;
    try {
      output = model.predict(input) as Tensor;
      const [, hentai = 0, , porn = 0, sexy = 0] = await output.data();
      const adult = Math.min(1, hentai + porn);
      return { adult, racy: Math.min(1, adult + sexy) };
    } finally {
      input.dispose();
      output?.dispose();
    }
  };
}
