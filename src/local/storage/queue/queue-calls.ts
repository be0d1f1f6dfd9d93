import { escapeXml } from '../../../domain/xml-text.ts';
import { type Answer, xmlAnswer } from '../http/answer.ts';
import { type Call, metadataHeaders, metadataOf } from '../http/call.ts';
import { encodeMarker, listQuery, metadataElement } from '../http/listing.ts';
import { checkName } from '../http/names.ts';
import { queueAlreadyExists } from './errors.ts';
import type { Messages } from './messages.ts';
import type { QueueRow, Queues } from './queues.ts';

/** Create Queue: 204 when it is there with the same metadata. */
export function createQueue(call: Call, name: string, queues: Queues): Answer {
  checkName(name);
  const metadata = JSON.stringify(metadataOf(call));
  const found = queues.find(call.account, name);
  if (!found) {
    queues.create(call.account, name, metadata);
    return { status: 201 };
  }
  if (!sameMetadata(found.metadata, metadata)) throw queueAlreadyExists();
  return { status: 204 };
}

function sameMetadata(one: string, other: string): boolean {
  if (one === other) return true;
  const sorted = (text: string) =>
    JSON.stringify(
      Object.entries(JSON.parse(text) as Record<string, string>)
        .map(([name, value]) => [name.toLowerCase(), value])
        .sort(),
    );
  return sorted(one) === sorted(other);
}

export function queueProperties(queue: QueueRow, messages: Messages): Answer {
  return {
    status: 200,
    headers: {
      'x-ms-approximate-messages-count': messages.count(queue.number),
      ...metadataHeaders(queue.metadata),
    },
  };
}

export function setQueueMetadata(call: Call, queue: QueueRow, queues: Queues): Answer {
  queues.setMetadata(queue, JSON.stringify(metadataOf(call)));
  return { status: 204 };
}

/** List Queues; the marker is the first name of the next page. */
export function listQueues(call: Call, queues: Queues, origin: string): Answer {
  const { prefix, from, limit, head, include } = listQuery(call);
  const rows = queues.page(call.account, from, limit + 1).filter(({ name }) => name.startsWith(prefix));
  const next = rows.length > limit ? rows.pop()?.name : undefined;
  const withMetadata = include.has('metadata');
  const items = rows.map(
    ({ name, metadata }) =>
      `<Queue><Name>${name}</Name>${withMetadata ? metadataElement(metadata) : ''}</Queue>`,
  );
  return xmlAnswer(
    `<EnumerationResults ServiceEndpoint="${escapeXml(`${origin}/${call.account}`)}">${head}<Queues>${items.join(
      '',
    )}</Queues><NextMarker>${next === undefined ? '' : encodeMarker(next)}</NextMarker></EnumerationResults>`,
  );
}
