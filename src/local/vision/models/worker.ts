import { parentPort } from 'node:worker_threads';
import { UndecodableImageError } from '../analysis.ts';
import { decodeImage, type Frame } from './decode.ts';
import { createReaders } from './parts.ts';
import type { WorkerReply, WorkerRequest } from './worker-protocol.ts';

if (parentPort === null)
  throw new Error('This file is the entry of a worker thread: the analyzer starts it.');
const port = parentPort;
const readers = createReaders();
let held: { key: string; frame: Frame } | undefined;

port.on('message', async (request: WorkerRequest) => {
  port.postMessage(await answer(request));
});

async function answer({ key, bytes, parts }: WorkerRequest): Promise<WorkerReply> {
  try {
    if (held?.key !== key) {
      held = undefined;
      if (bytes === undefined) throw new Error('The worker was asked for an image that it does not hold.');
      held = { key, frame: await decodeImage(bytes) };
    }
    const values: Record<string, unknown> = {};
    for (const part of parts) values[part] = await readers[part](held.frame);
    return { kind: 'done', values };
  } catch (thrown) {
    const kind = thrown instanceof UndecodableImageError ? 'undecodable' : 'failed';
    return { kind, message: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}
