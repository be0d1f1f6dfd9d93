import { createRequire, registerHooks } from 'node:module';
import { join, sep } from 'node:path';
import { packageDirectory } from '../../src/local/vision/models/packages.ts';

export type TensorFlow = typeof import('@tensorflow/tfjs-core');
type Converter = typeof import('@tensorflow/tfjs-converter');
export type Tensor = import('@tensorflow/tfjs-core').Tensor;

interface Runtime {
  tf: TensorFlow;
  converter: Converter;
}

// CommonJS on purpose: the model packages require() theirs, and a second instance of tfjs-core is a second engine.
const require = createRequire(import.meta.url);
let started: Promise<Runtime> | undefined;

/**
 * Starts TensorFlow.js on its WebAssembly backend once. The WebAssembly runtime installs `uncaughtException` and
 * `unhandledRejection` handlers that rethrow: for scripts and tests, not for a server.
 *
 * @throws {Error} if the backend is not `wasm`: the silent fallback, plain JavaScript, is many times slower
 */
export function startTensorFlow(): Promise<Runtime> {
  started ??= start();
  return started;
}

async function start(): Promise<Runtime> {
  // face-api asks for the umbrella package, of which it uses the core alone.
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier === '@tensorflow/tfjs' ? '@tensorflow/tfjs-core' : specifier, context),
  });
  const tf = require('@tensorflow/tfjs-core') as TensorFlow;
  const converter = require('@tensorflow/tfjs-converter') as Converter;
  // Kernels that WebAssembly lacks are looked up in the CPU backend's registry by name.
  require('@tensorflow/tfjs-backend-cpu');
  const wasm = require('@tensorflow/tfjs-backend-wasm') as typeof import('@tensorflow/tfjs-backend-wasm');
  // A plain directory with a trailing separator: a file:// URL is not understood.
  wasm.setWasmPaths(join(packageDirectory('@tensorflow/tfjs-backend-wasm'), 'dist') + sep);
  await tf.setBackend('wasm');
  await tf.ready();
  if (tf.getBackend() !== 'wasm') {
    throw new Error(
      `TensorFlow.js runs on "${tf.getBackend()}" instead of WebAssembly: this machine's Node cannot load the wasm backend.`,
    );
  }
  return { tf, converter };
}
