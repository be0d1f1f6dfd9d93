import type { IncomingMessage } from 'node:http';
import { OutageError, PermanentError, RateLimitedError } from '../../domain/errors.ts';
import type { Clock } from '../../domain/ports.ts';
import { parseRetryAfter } from '../../domain/retry-after.ts';

/** What to wait after a 429 that does not say. */
const DEFAULT_RETRY_AFTER_MS = 30_000;

/** The error that a final status other than 200 stands for. */
export function statusError(response: IncomingMessage, clock: Clock): Error {
  const status = response.statusCode ?? 0;
  const wait = parseRetryAfter(response.headers['retry-after'], clock());
  if (status === 429) {
    return new RateLimitedError(
      'The host of image_url asks for fewer requests (HTTP 429).',
      wait ?? DEFAULT_RETRY_AFTER_MS,
      { code: 'ForeignImageRateLimited' },
    );
  }
  if (status >= 500 || status === 408 || status === 425) {
    return new OutageError(`The host of image_url cannot answer now (HTTP ${status}).`, {
      code: 'ForeignImageUnavailable',
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
    });
  }
  if (status === 404 || status === 410) {
    return new PermanentError(
      'ForeignImageNotFound',
      `There is no image at the image_url (HTTP ${status}). Check the address, or upload the image itself.`,
    );
  }
  return new PermanentError(
    'ForeignImageRejected',
    `The host of image_url did not give the image out (HTTP ${status}). Upload the image itself.`,
  );
}

/**
 * Reads the body up to a cap, whatever Content-Length says. We ask for no compression and take none, so the bytes
 * counted are the bytes kept.
 *
 * @throws {PermanentError} ForeignImageTooLarge, ForeignImageEncoded
 */
export async function readBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = () =>
    new PermanentError(
      'ForeignImageTooLarge',
      `The image at the image_url has more than ${maxBytes.toLocaleString('en')} bytes. Make it smaller, or raise MAX_IMAGE_BYTES.`,
    );
  const encoding = response.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity' && encoding !== '') {
    throw new PermanentError(
      'ForeignImageEncoded',
      'The host of image_url sends the image compressed though it was asked not to. Upload the image itself.',
    );
  }
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
