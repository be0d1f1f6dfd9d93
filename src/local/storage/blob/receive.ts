import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { BodyAborted, readBody } from '../http/body.ts';
import { type Call, headerOf } from '../http/call.ts';
import { StorageError } from '../http/storage-error.ts';
import { type Arrived, type Contents, INLINE_LIMIT } from '../state/contents.ts';
import type { StoragePoint } from '../state/group-commit.ts';
import { Crc64 } from './crc64.ts';
import { crc64Mismatch, invalidMd5, md5Mismatch } from './errors.ts';

/** So much is gathered for one write to the file. */
const WRITE_AT_ONCE = 512 * 1024;

interface Received extends Arrived {
  /** Of all bytes, base64. */
  readonly md5: string;
  /** Of all bytes, base64, where the client sent one. */
  readonly crc64?: string;
}

/**
 * Takes a body in: small ones into memory, larger ones into a file that is fsynced, and its name with it. Checksums
 * that the client sent are checked.
 *
 * @throws {StorageError} Md5Mismatch and its like; nothing is kept then
 */
export async function receive(
  call: Call,
  contents: Contents,
  at: (point: StoragePoint) => void,
): Promise<Received> {
  const check = new Check(call);
  const content = await contents.newNumber();
  const { body, headers } = call;
  const length = Number(headers['content-length'] ?? Number.NaN);
  if (Buffer.isBuffer(body) || length <= INLINE_LIMIT) {
    const arrived = await contents.orGone(content, async () => {
      const bytes = await readBody(call, INLINE_LIMIT);
      check.update(bytes);
      return { content, size: bytes.length, bytes, ...check.result() };
    });
    return arrived;
  }
  return contents.orGone(content, async () => {
    const file = await contents.files.create(content);
    let size = 0;
    try {
      size = await writeAll(file, body, check);
      await file.datasync();
    } finally {
      await file.close();
    }
    if (!Number.isNaN(length) && size !== length) throw new BodyAborted('The body ended early.');
    const sums = check.result();
    await contents.files.keepName(content);
    at('content-written');
    return { content, size, ...sums };
  });
}

async function writeAll(file: FileHandle, body: IncomingMessage, check: Check): Promise<number> {
  let size = 0;
  let gathered: Buffer[] = [];
  let waiting = 0;
  const write = async () => {
    if (waiting === 0) return;
    const chunks = gathered;
    gathered = [];
    size += waiting;
    waiting = 0;
    for (let left = chunks; left.length > 0; ) {
      const { bytesWritten } = await file.writev(left);
      left = rest(left, bytesWritten);
    }
  };
  try {
    // A loop that is left by an error would else close the connection, and the answer with it.
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      check.update(chunk);
      gathered.push(chunk);
      waiting += chunk.length;
      if (waiting >= WRITE_AT_ONCE) await write();
    }
  } catch (error) {
    if (body.errored) throw new BodyAborted('The client closed the connection.');
    // The rest is read and dropped, so that the answer reaches the client.
    body.resume();
    throw error;
  }
  await write();
  return size;
}

/** What of `chunks` is behind the first `written` bytes. */
function rest(chunks: readonly Buffer[], written: number): Buffer[] {
  const left: Buffer[] = [];
  let skip = written;
  for (const chunk of chunks) {
    if (skip >= chunk.length) {
      skip -= chunk.length;
      continue;
    }
    left.push(skip > 0 ? chunk.subarray(skip) : chunk);
    skip = 0;
  }
  return left;
}

class Check {
  readonly #md5: Hash = createHash('md5');
  readonly #crc: Crc64 | undefined;
  readonly #wantedMd5: string | undefined;
  readonly #wantedCrc: string | undefined;

  constructor(call: Call) {
    this.#wantedMd5 = headerOf(call, 'content-md5');
    this.#wantedCrc = headerOf(call, 'x-ms-content-crc64');
    if (this.#wantedMd5 !== undefined && this.#wantedCrc !== undefined) {
      throw new StorageError(
        400,
        'BothCrc64AndMd5HeaderPresent',
        'Both x-ms-content-crc64 header and Content-MD5 header are present.',
      );
    }
    if (this.#wantedMd5 !== undefined && Buffer.from(this.#wantedMd5, 'base64').length !== 16)
      throw invalidMd5();
    if (this.#wantedCrc !== undefined) this.#crc = new Crc64();
  }

  update(bytes: Buffer): void {
    this.#md5.update(bytes);
    this.#crc?.update(bytes);
  }

  result(): { md5: string; crc64?: string } {
    const md5 = this.#md5.digest('base64');
    if (this.#wantedMd5 !== undefined && this.#wantedMd5 !== md5) throw md5Mismatch();
    const crc64 = this.#crc?.digest();
    if (crc64 !== undefined && crc64 !== this.#wantedCrc) throw crc64Mismatch();
    return { md5, ...(crc64 !== undefined && { crc64 }) };
  }
}
