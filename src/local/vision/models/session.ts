import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/**
 * One thread: parallelism comes from worker threads. The arena keeps the memory of activations for the next image:
 * without it every one of them is mapped and unmapped by the kernel, which took two thirds of an image's processor
 * time.
 */
const OPTIONS: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  enableCpuMemArena: true,
};

/** The networks that `npm run build` writes: scripts/build-networks. */
export type NetworkName =
  | 'face-detector'
  | 'face-landmarks'
  | 'faceprint'
  | 'objects'
  | 'adult'
  | 'text-detector'
  | 'text-recognizer';

/** Where they are: from TypeScript source in dist beside src, from dist above dist/src. */
const NETWORKS = new URL(
  extname(import.meta.url) === '.ts' ? '../../../../dist/networks/' : '../../../../networks/',
  import.meta.url,
);

/** @throws {Error} if the networks are not built */
function networkFile(name: NetworkName): string {
  const file = fileURLToPath(new URL(`${name}.onnx`, NETWORKS));
  if (!existsSync(file))
    throw new Error(`The network ${name} of the vision engine is not built: run "npm run build".`);
  return file;
}

/**
 * A network whose inputs come in all shapes. A memory pattern would be kept for each of them.
 *
 * @param model one that is built, or the path of an ONNX file
 */
export function openSession(model: NetworkName | { file: string }): Promise<InferenceSession> {
  const file = typeof model === 'string' ? networkFile(model) : model.file;
  return InferenceSession.create(file, { ...OPTIONS, enableMemPattern: false });
}

/** A network of one input of one shape: its values in, those of each output by name. */
type Network<Output extends string> = (
  input: Uint8Array | Float32Array,
) => Promise<Record<Output, Float32Array>>;

/** @throws {Error} if the networks are not built */
export async function openNetwork<Output extends string>(
  name: NetworkName,
  outputs: readonly Output[],
): Promise<Network<Output>> {
  const session = await InferenceSession.create(networkFile(name), { ...OPTIONS, enableMemPattern: true });
  const [input] = session.inputMetadata;
  if (input?.isTensor !== true) throw new Error(`The network ${name} takes no tensor: build it anew.`);
  const dims = input.shape.map(Number);
  return async (values) => {
    const tensor =
      values instanceof Float32Array
        ? new Tensor('float32', values, dims)
        : new Tensor('uint8', values, dims);
    const found = await session.run({ [input.name]: tensor }, outputs);
    const entries = outputs.map((output) => [output, found[output]?.data as Float32Array] as const);
    return Object.fromEntries(entries) as Record<Output, Float32Array>;
  };
}
