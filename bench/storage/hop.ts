import { randomUUID } from 'node:crypto';
import type { Server } from './server.ts';

const MESSAGE = JSON.stringify({ text: 'x'.repeat(900) });
const OUTCOME = 'y'.repeat(3500);
const CONTENT = Buffer.alloc(20_000, 'z');

/** What one step of the pipeline asks of its storage: a message in and out, a journal row, a blob. */
async function hop({ queue, table, container }: Server): Promise<void> {
  const id = randomUUID();
  await queue.sendMessage(MESSAGE, { messageTimeToLive: -1 });
  const { receivedMessageItems } = await queue.receiveMessages({
    numberOfMessages: 1,
    visibilityTimeout: 60,
  });
  await table.createEntity({ partitionKey: id, rowKey: 'job', first: OUTCOME });
  await table.updateEntity({ partitionKey: id, rowKey: 'job', second: OUTCOME }, 'Merge');
  const blob = container.getBlockBlobClient(`hop/${id}`);
  await blob.upload(CONTENT, CONTENT.length);
  await blob.downloadToBuffer();
  for (const item of receivedMessageItems) await queue.deleteMessage(item.messageId, item.popReceipt);
}

/** Times of one turn: `hops` hops by `lanes` at once. */
export interface Turn {
  readonly msPerHop: number;
  readonly cpuMsPerHop: number;
}

export async function turn(server: Server, lanes: number, hops: number): Promise<Turn> {
  let left = hops;
  const cpu = server.cpuSeconds();
  const started = performance.now();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      while (left > 0) {
        left -= 1;
        await hop(server);
      }
    }),
  );
  return {
    msPerHop: (performance.now() - started) / hops,
    cpuMsPerHop: ((server.cpuSeconds() - cpu) * 1000) / hops,
  };
}
