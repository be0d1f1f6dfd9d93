import type { ImageFormat } from '../imaging/format.ts';

/** All are equally long, as the service wants it: 32 bytes of hash, 4 letters of format, 2 bytes of number. */
export const BLOCK_ID_LENGTH = 52;

/**
 * The id of a block says what is in it. It is made of the bytes that came, so that a commit can name only what did:
 * a block that was garbled on its way, or whose file does not begin as it was said to, is not among those it names.
 *
 * @param sha256 of its bytes, hexadecimal
 * @param block counted from 0
 */
export function blockIdOf(sha256: string, format: ImageFormat, block: number): string {
  const bytes = Buffer.alloc(38, ' ');
  bytes.write(sha256, 0, 'hex');
  bytes.write(format, 32, 'latin1');
  bytes.writeUInt16BE(block, 36);
  return bytes.toString('base64');
}
