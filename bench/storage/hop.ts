import { randomUUID } from 'node:crypto';
import { escapeXml } from '../../src/domain/xml-text.ts';
import type { WireAnswer, WireRequest } from '../../test/local/storage/wire/request.ts';
import type { Server } from './server.ts';

const MESSAGE = JSON.stringify({ text: 'x'.repeat(900) });
const OUTCOME = 'y'.repeat(3500);
const CONTENT = Buffer.alloc(20_000, 'z');

/** What one step of the pipeline asks of its storage: a message in and out, a journal row, a blob. */
export async function hop({ queue, table, container }: Server): Promise<void> {
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

/** The same by bare requests: what is left are the service itself, node:http and the signatures. */
export async function bareHop({ wire }: Server): Promise<void> {
  const send = async (request: WireRequest): Promise<WireAnswer> => {
    const answer = await wire.send(request);
    if (answer.status >= 300) throw new Error(`${request.method} ${request.path}: HTTP ${answer.status}`);
    return answer;
  };
  const [id, json] = [randomUUID(), { accept: 'application/json', 'content-type': 'application/json' }];
  const messages = { service: 'queue', path: '/bench/messages' } as const;
  const text = `<QueueMessage><MessageText>${escapeXml(MESSAGE)}</MessageText></QueueMessage>`;
  await send({ ...messages, method: 'POST', query: { messagettl: '-1' }, body: text });
  const query = { numofmessages: '1', visibilitytimeout: '60' };
  const taken = (await send({ ...messages, method: 'GET', query })).body.toString();
  const row = { PartitionKey: id, RowKey: 'job' };
  const insert = {
    headers: { ...json, prefer: 'return-no-content' },
    body: JSON.stringify({ ...row, first: OUTCOME }),
  };
  await send({ service: 'table', method: 'POST', path: '/bench', ...insert });
  const merge = { headers: { ...json, 'if-match': '*' }, body: JSON.stringify({ second: OUTCOME }) };
  await send({
    service: 'table',
    method: 'PATCH',
    path: `/bench(PartitionKey='${id}',RowKey='job')`,
    ...merge,
  });
  const blob = { service: 'blob', path: `/bench/hop/${id}` } as const;
  await send({ ...blob, method: 'PUT', headers: { 'x-ms-blob-type': 'BlockBlob' }, body: CONTENT });
  await send({ ...blob, method: 'GET' });
  const part = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(taken)?.[1];
  const [message, popreceipt] = [part('MessageId'), part('PopReceipt')];
  if (message === undefined || popreceipt === undefined) return;
  await send({
    service: 'queue',
    method: 'DELETE',
    path: `/bench/messages/${message}`,
    query: { popreceipt },
  });
}

/** Times of one turn: `hops` hops by `lanes` at once. */
export interface Turn {
  readonly msPerHop: number;
  readonly cpuMsPerHop: number;
}

export async function turn(
  server: Server,
  lanes: number,
  hops: number,
  work: (server: Server) => Promise<void>,
): Promise<Turn> {
  let left = hops;
  const cpu = server.cpuSeconds();
  const started = performance.now();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      while (left > 0) {
        left -= 1;
        await work(server);
      }
    }),
  );
  return {
    msPerHop: (performance.now() - started) / hops,
    cpuMsPerHop: ((server.cpuSeconds() - cpu) * 1000) / hops,
  };
}
