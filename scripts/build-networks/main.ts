/**
 * `node scripts/build-networks/main.ts`, a part of `npm run build`: writes the networks that npm packages carry for
 * TensorFlow.js as ONNX files into dist/networks, and those of PaddleOCR in the form that runs fastest. The vision
 * engine loads them from there.
 *
 * The work is done in a process of its own, which is killed when it has told what it wrote: the WebAssembly runtime keeps a
 * process alive, and `process.exit` has been seen to wait for ever for a thread that still compiles.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Built } from './build.ts';

const folder = fileURLToPath(new URL('../../dist/networks/', import.meta.url));

if (process.send === undefined) {
  const child = fork(fileURLToPath(import.meta.url));
  child.on('message', (networks: Built[]) => {
    for (const { name, bytes } of networks) console.log(`network ${name}: ${(bytes / 1e6).toFixed(1)} MB`);
    child.removeAllListeners('exit');
    child.kill('SIGKILL');
  });
  child.on('exit', (code) => {
    process.exitCode = code || 1;
  });
} else {
  const { buildNetworks } = await import('./build.ts');
  process.send(await buildNetworks(folder));
}
