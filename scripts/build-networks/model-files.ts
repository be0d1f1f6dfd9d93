import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

type IOHandler = import('@tensorflow/tfjs-core').io.IOHandler;
type ModelJSON = import('@tensorflow/tfjs-core').io.ModelJSON;

/** A TensorFlow.js graph model as packages ship it: `model.json` beside its binary weight files. */
export function modelFromFile(path: string): IOHandler {
  return {
    load: async () => {
      const model = JSON.parse(await readFile(path, 'utf8')) as ModelJSON;
      const files = model.weightsManifest.flatMap((group) => group.paths);
      return artifacts(model, await Promise.all(files.map((file) => readFile(join(dirname(path), file)))));
    },
  };
}

/** A TensorFlow.js graph model held in memory. `weights` are the manifest's files in its order. */
export function modelFromMemory(model: ModelJSON, weights: readonly Uint8Array[]): IOHandler {
  return { load: async () => artifacts(model, weights) };
}

function artifacts(model: ModelJSON, weights: readonly Uint8Array[]) {
  const joined = Buffer.concat(weights);
  return {
    modelTopology: model.modelTopology,
    format: model.format ?? 'graph-model',
    ...(model.signature === undefined ? {} : { signature: model.signature }),
    weightSpecs: model.weightsManifest.flatMap((group) => group.weights),
    weightData: joined.buffer.slice(joined.byteOffset, joined.byteOffset + joined.byteLength),
  };
}
