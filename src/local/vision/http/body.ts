import type { IncomingMessage } from 'node:http';

/** The body is, or says it is, longer than the limit. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

/** The client went away before it had sent the whole body. */
export class BodyAbortedError extends Error {
  override readonly name = 'BodyAbortedError';
}

/**
 * How far beyond the limit a body is still read (and thrown away): a client that is answered while it writes sees a
 * broken connection instead of the error it should see. Beyond this the connection is cut.
 */
const DRAIN_BYTES = 16 * 1024 * 1024;

/**
 * Reads a whole body, counting while it streams: what content-length claims is only ever a reason to refuse earlier.
 *
 * @param limit bytes that are still accepted
 * @throws {BodyTooLargeError}
 * @throws {BodyAbortedError}
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limit + DRAIN_BYTES) throw new BodyTooLargeError('The body is too large.');
  let size = 0;
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += (chunk as Buffer).length;
      if (size > limit + DRAIN_BYTES) break;
      if (size <= limit && declared <= limit) chunks.push(chunk as Buffer);
    }
  } catch (error) {
    throw new BodyAbortedError('The connection ended before the body did.', { cause: error });
  }
  if (size > limit || declared > limit) throw new BodyTooLargeError('The body is too large.');
  return Buffer.concat(chunks, size);
}

/**
 * Reads and drops the body of a call that is refused before anyone looked at it, so that the client is done writing
 * when the answer comes. A body beyond all limits is left unread: its connection is cut.
 */
export async function drainBody(request: IncomingMessage): Promise<void> {
  if (request.complete || request.readableDidRead) return;
  await readBody(request, 0).catch((error: unknown) => {
    if (!(error instanceof BodyTooLargeError)) throw error;
  });
}
