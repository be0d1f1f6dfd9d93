/** How a large file is cut. No dependencies: the page's bundle may import it. */

/** Every block of a file but the last has so many bytes: 8 MiB, a tenth of what one request can carry. */
export const BLOCK_BYTES = 8_388_608;

/** The page sends a file of more bytes in blocks: then a connection that breaks costs one block, not the file. */
export const WHOLE_BYTES = 33_554_432;

/** The least file that `MAX_IMAGE_BYTES` may ever allow has one block, the largest this many. */
export const MAX_BLOCKS = Math.ceil(500_000_000 / BLOCK_BYTES);

/** What is at the front of a file and tells its format, in bytes. */
export const HEAD_BYTES = 1024;

export const blockCount = (bytes: number): number => Math.ceil(bytes / BLOCK_BYTES);

/** Bytes of a block, counted from 0, of a file of `bytes`. */
export const blockLength = (block: number, bytes: number): number =>
  Math.min(BLOCK_BYTES, bytes - block * BLOCK_BYTES);
