import { createRequire } from 'node:module';
import { join } from 'node:path';
import { packageDirectory } from '../../src/local/vision/models/packages.ts';
import type { NetworkName } from '../../src/local/vision/models/session.ts';
import type { Signature } from './convert.ts';
import { loadFaceApi } from './face-api.ts';
import { modelFromFile, modelFromMemory } from './model-files.ts';
import { startTensorFlow, type Tensor, type TensorFlow } from './tensorflow.ts';

/** A network as TensorFlow.js runs it, from the values of pixels (0 to 255) to its outputs. */
export type Run = (input: Tensor) => Promise<Tensor[]>;

/** A network that a package carries. */
export interface Source {
  signature: Signature & { name: NetworkName };
  /** Shape of the input, channels last. */
  input: readonly number[];
  /** Where its weights lie: a package, and the files within. */
  from: { package: string; files: readonly string[] };
  load(tf: TensorFlow): Promise<Run>;
}

const FACE_API = '@vladmandic/face-api';
const faceFiles = (name: string): Source['from'] => ({
  package: FACE_API,
  files: [`model/${name}-weights_manifest.json`, `model/${name}.bin`],
});

/**
 * CenterNet's maps of where the middle of a thing of each class stands (as logits) and how far it reaches from there. The
 * third output of the network is the highest logit of each cell.
 * What the package's network makes of them, the best hundred, is made here of the few that are likely enough.
 */
const OBJECT_MAPS = ['tower_0/CenternetHead/centernet_cls_output/BiasAdd', 'tower_0/wh'];

/** nsfwjs keeps the weights of MobileNetV2Mid as base64 in these files, in the order of the model's manifest. */
const NSFW = 'dist/models/mobilenet_v2_mid';
const NSFW_WEIGHTS = ['group1-shard1of2.min.js', 'group1-shard2of2.min.js'];

/** The networks of the engine that their packages carry for TensorFlow.js. */
export const SOURCES: readonly Source[] = [
  {
    signature: { name: 'face-detector', inputType: 'uint8', outputs: ['boxes', 'scores'] },
    input: [512, 512, 3],
    from: faceFiles('ssd_mobilenetv1_model'),
    load: async () => {
      const { detector, toNetInput } = await loadFaceApi();
      return async (input) => {
        const { boxes, scores } = detector.forwardInput(await toNetInput(input));
        return [...boxes, ...scores];
      };
    },
  },
  {
    signature: { name: 'face-landmarks', inputType: 'uint8', outputs: ['points'] },
    input: [112, 112, 3],
    from: faceFiles('face_landmark_68_model'),
    load: async () => {
      const { landmarks, toNetInput } = await loadFaceApi();
      return async (input) => [landmarks.runNet(await toNetInput(input))];
    },
  },
  {
    signature: { name: 'faceprint', outputs: ['faceprint'] },
    input: [150, 150, 3],
    from: faceFiles('face_recognition_model'),
    load: async () => {
      const { faceprint, toNetInput } = await loadFaceApi();
      return async (input) => [faceprint.forwardInput(await toNetInput(input))];
    },
  },
  {
    signature: { name: 'objects', inputType: 'uint8', outputs: ['likelihoods', 'sizes', 'highest'] },
    input: [512, 512, 3],
    from: { package: '@vladmandic/human', files: ['models/centernet.json', 'models/centernet.bin'] },
    load: async (tf) => {
      const { converter } = await startTensorFlow();
      const file = join(packageDirectory('@vladmandic/human'), 'models', 'centernet.json');
      const model = await converter.loadGraphModel(modelFromFile(file));
      return async (input) => {
        const [likelihoods, sizes] = model.execute(tf.expandDims(input), OBJECT_MAPS) as [Tensor, Tensor];
        return [likelihoods, sizes, tf.max(likelihoods, -1)];
      };
    },
  },
  {
    signature: { name: 'adult', inputType: 'uint8', outputs: ['classes'] },
    input: [224, 224, 3],
    from: { package: 'nsfwjs', files: ['model.min.js', ...NSFW_WEIGHTS].map((file) => `${NSFW}/${file}`) },
    load: async (tf) => {
      const { converter } = await startTensorFlow();
      const folder = join(packageDirectory('nsfwjs'), NSFW);
      const require = createRequire(import.meta.url);
      const weights = NSFW_WEIGHTS.map((file) =>
        Buffer.from(require(join(folder, file)) as string, 'base64'),
      );
      // nsfwjs's own loader is passed by: it needs the umbrella TensorFlow package and prints to the console.
      const model = await converter.loadGraphModel(
        modelFromMemory(require(join(folder, 'model.min.js')), weights),
      );
      return async (input) => [model.predict(tf.div(tf.expandDims(input), 255)) as Tensor];
    },
  },
];
