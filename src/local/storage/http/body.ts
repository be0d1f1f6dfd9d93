import type { Call } from './call.ts';
import { bodyTooLarge } from './storage-error.ts';

/** The client went away before its body was whole. */
export class BodyAborted extends Error {
  override readonly name = 'BodyAborted';
}

/** Whole body, at most `limit` bytes. @throws {StorageError} RequestBodyTooLarge */
export function readBody({ body: request }: Call, limit: number): Promise<Buffer> {
  if (Buffer.isBuffer(request)) {
    return request.length > limit ? Promise.reject(bodyTooLarge(limit)) : Promise.resolve(request);
  }
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  if (encoding === undefined && (length === undefined || length === '0')) return Promise.resolve(NOTHING);
  if (Number(length) > limit) return Promise.reject(bodyTooLarge(limit));
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    // The rest is read and dropped, so that the answer reaches the client.
    if (size > limit) reject(bodyTooLarge(limit));
    else chunks.push(chunk);
  });
  request.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
  request.once('close', () => {
    // It comes behind every body; an error, with its stack, is made where there is none.
    if (!request.readableEnded) reject(new BodyAborted('The client closed the connection.'));
  });
  return promise;
}

const NOTHING = Buffer.alloc(0);
