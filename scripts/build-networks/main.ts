/**
 * `node scripts/build-networks/main.ts`, a part of `npm run build`: writes the networks that npm packages carry for
 * TensorFlow.js as ONNX files into dist/networks, and those of PaddleOCR in the form that runs fastest. The vision
 * engine loads them from there.
 */
import { fileURLToPath } from 'node:url';
import { buildNetworks } from './build.ts';

const folder = fileURLToPath(new URL('../../dist/networks/', import.meta.url));
for (const { name, bytes } of await buildNetworks(folder)) {
  console.log(`network ${name}: ${(bytes / 1e6).toFixed(1)} MB`);
}
// The WebAssembly runtime keeps the process alive.
process.exit();
