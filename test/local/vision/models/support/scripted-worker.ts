import { parentPort, threadId } from 'node:worker_threads';
import type { WorkerReply, WorkerRequest } from '../../../../../src/local/vision/models/worker-protocol.ts';

/** A worker whose "images" are orders in plain text: what it must do for the pool's behaviour to show. */
let served = 0;
let held: { key: string; order: string } | undefined;

parentPort?.on('message', ({ key, bytes }: WorkerRequest) => {
  if (bytes !== undefined) held = { key, order: Buffer.from(bytes).toString() };
  const order = held?.key === key ? held.order : 'fail';
  served++;
  if (order === 'die') process.exit(3);
  if (order === 'throw') throw new Error('boom');
  if (order === 'eat memory') {
    const hoard: unknown[] = [];
    for (;;) hoard.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
  }
  // Dies only in a worker that has already served: a fresh one succeeds.
  if (order === 'die when used' && served > 1) process.exit(3);
  if (order === 'fail') reply({ kind: 'failed', message: 'no model' });
  else if (order === 'not an image') reply({ kind: 'undecodable', message: 'not an image' });
  else
    reply({
      kind: 'done',
      values: { info: { width: threadId, height: served, format: bytes ? 'Png' : 'Gif' } },
    });
});

function reply(message: WorkerReply): void {
  parentPort?.postMessage(message);
}
