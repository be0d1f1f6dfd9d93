import { z } from 'zod';
import { ContractError } from '../../domain/errors.ts';
import { bareEtag } from '../../domain/etag.ts';
import { containers } from '../../storage/names.ts';
import { decodeQueueMessage } from './codec.ts';

/** An event that says a blob was written, in the Event Grid schema; the CloudEvents names are read too. */
const eventSchema = z.looseObject({
  eventType: z.string().optional(),
  type: z.string().optional(),
  subject: z.string(),
  data: z.looseObject({ eTag: z.string().optional(), contentLength: z.number().optional() }).optional(),
});

export interface BlobCreated {
  container: string;
  name: string;
  /** Bare; absent where the event does not say. */
  etag: string | undefined;
  /** Absent where the event does not say. */
  bytes?: number;
}

/** `/blobServices/default/containers/<container>/blobs/<name>`; the name is not percent-encoded there. */
const SUBJECT = /^\/blobServices\/default\/containers\/([^/]+)\/blobs\/(.+)$/s;

/**
 * The blobs that a message of the events queue announces: one event or an array of them. Events of other types and
 * other containers are left out.
 *
 * @throws {ContractError} when the message is not an event
 */
export function parseEvents(raw: unknown): BlobCreated[] {
  const value = decodeQueueMessage(raw);
  const events = Array.isArray(value) ? value : [value];
  return events.flatMap((event) => {
    const parsed = eventSchema.safeParse(event);
    const type = parsed.data?.eventType ?? parsed.data?.type;
    if (!parsed.success || type === undefined) {
      throw new ContractError(
        'The message is not an Event Grid event: it must have eventType, subject and data. Post one BlobCreated event, or drop the blob into the input container again.',
        { code: 'NotAnEvent' },
      );
    }
    if (type !== 'Microsoft.Storage.BlobCreated') return [];
    const match = SUBJECT.exec(parsed.data.subject);
    const [, container, name] = match ?? [];
    if (container === undefined || name === undefined) {
      throw new ContractError('The subject of the event does not name a blob.', { code: 'NotAnEvent' });
    }
    if (container !== containers.input) return [];
    const { eTag: etag, contentLength: bytes } = parsed.data.data ?? {};
    return [
      {
        container,
        name,
        etag: etag === undefined ? undefined : bareEtag(etag),
        ...(bytes !== undefined && { bytes }),
      },
    ];
  });
}

/** The event that the reconciling timer, or the local watcher, sends for a blob that has no job. */
export function blobCreatedEvent(blob: { name: string; etag: string; bytes: number; url: string }, at: Date) {
  return {
    id: `reconciled-${blob.etag}`,
    topic: 'imaginem/reconciled',
    subject: `/blobServices/default/containers/${containers.input}/blobs/${blob.name}`,
    eventType: 'Microsoft.Storage.BlobCreated',
    eventTime: at.toISOString(),
    dataVersion: '',
    metadataVersion: '1',
    data: {
      api: 'Reconciled',
      eTag: blob.etag,
      contentLength: blob.bytes,
      blobType: 'BlockBlob',
      url: blob.url,
    },
  };
}
