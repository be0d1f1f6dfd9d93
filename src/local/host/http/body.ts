import type { IncomingMessage } from 'node:http';

/** The largest request the platform takes: 100 MiB. It is not the app's to set. */
const MAX_BODY_BYTES = 104_857_600;

/**
 * What bodies may cost this process. On Azure the front end of the platform reads a body before it starts the app's
 * process, gives up on one that is slower than 240 bytes a second (Kestrel's `MinRequestBodyDataRate`) and on headers
 * after 30 s, and counts no bytes across requests: that is for instances of which there are several.
 */
export interface BodyLimits {
  /** Bytes of a body on a path that takes no files. */
  readonly smallBytes: number;
  /** Paths that take files, with one slash in front and `{...}` for any one part; undefined where every path may. */
  readonly filePaths: readonly string[] | undefined;
  /** Bytes that bodies may hold together, from their first byte until they are answered. */
  readonly bufferedBytes: number;
  /** Milliseconds without a byte after which a body is given up. */
  readonly stallMs: number;
  /** Milliseconds for headers, and for a whole request however steadily it drips. */
  readonly headersMs: number;
  readonly requestMs: number;
}

export const DEFAULT_BODY_LIMITS: BodyLimits = {
  smallBytes: 1024 * 1024,
  filePaths: undefined,
  bufferedBytes: 2.5 * MAX_BODY_BYTES,
  stallMs: 20_000,
  headersMs: 10_000,
  requestMs: 300_000,
};

/** A body that is not taken; `status` is the answer. */
export class BodyRefusedError extends Error {
  override readonly name = 'BodyRefusedError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, sentence: string) {
    super(sentence);
    this.status = status;
    this.code = code;
  }
}

/** Reads bodies, and knows what all of them hold at the moment. */
export class Bodies {
  readonly #limits: BodyLimits;
  readonly #takesFiles: (path: string) => boolean;
  #held = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
    const templates = limits.filePaths?.map(partsOf);
    this.#takesFiles = (path) =>
      templates === undefined || templates.some((template) => fits(template, partsOf(path)));
  }

  /** Bytes held now. */
  get held(): number {
    return this.#held;
  }

  /**
   * Reads one body. What it holds counts until `release`, which is safe to repeat.
   *
   * @param path of the request, to see which limit is its
   * @throws {BodyRefusedError} before a byte is read where its `Content-Length` says enough
   */
  async read(
    request: IncomingMessage,
    path: string,
  ): Promise<{ bytes: Buffer<ArrayBuffer>; release: () => void }> {
    const limit = this.#takesFiles(path) ? MAX_BODY_BYTES : this.#limits.smallBytes;
    const declared = Number(request.headers['content-length'] ?? Number.NaN);
    if (declared > limit) throw tooLarge(limit);
    // With a length that is known, no second copy is ever made, and memory is touched only as bytes arrive.
    const whole = declared > 0 ? Buffer.from(new ArrayBuffer(declared)) : undefined;
    const chunks: Buffer[] = [];
    let length = 0;
    let held = 0;
    const release = () => {
      this.#held -= held;
      held = 0;
    };
    const take = (bytes: number) => {
      if (this.#held + bytes > this.#limits.bufferedBytes) throw busy();
      this.#held += bytes;
      held += bytes;
    };
    try {
      if (this.#held + (declared || 0) > this.#limits.bufferedBytes) throw busy();
      await eachChunk(request, this.#limits.stallMs, (chunk) => {
        if (length + chunk.length > limit) throw tooLarge(limit);
        take(chunk.length);
        if (whole) chunk.copy(whole, length);
        else chunks.push(chunk);
        length += chunk.length;
      });
      // For a moment there are two copies of a body without a length.
      if (!whole) take(length);
    } catch (error) {
      release();
      throw error;
    }
    return { bytes: whole ?? Buffer.concat(chunks), release };
  }
}

/** Routes are found whatever the case of their letters, and with a slash behind. */
const partsOf = (path: string): string[] => path.toLowerCase().replace(/\/$/, '').split('/');

const fits = (template: readonly string[], parts: readonly string[]): boolean =>
  template.length === parts.length &&
  template.every((one, index) => (one.startsWith('{') ? parts[index] !== '' : one === parts[index]));

/** Like `for await`, but who leaves early can still answer: the loop would destroy the connection. */
function eachChunk(request: IncomingMessage, stallMs: number, work: (chunk: Buffer) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stall = setTimeout(
    () =>
      reject(
        new BodyRefusedError(408, 'BodyStalled', `No byte came for ${stallMs / 1000} s: send it again.`),
      ),
    stallMs,
  );
  const onData = (chunk: Buffer) => {
    stall.refresh();
    try {
      work(chunk);
    } catch (error) {
      reject(error);
    }
  };
  const onClose = () => reject(new Error('The client hung up.'));
  request.on('data', onData).once('end', resolve).once('error', reject).once('close', onClose);
  return promise.finally(() => {
    clearTimeout(stall);
    request.off('data', onData).off('end', resolve).off('close', onClose);
  });
}

// The platform answers a body that is too large as it does a failure: 500, without a word.
const tooLarge = (limit: number) =>
  limit === MAX_BODY_BYTES
    ? new BodyRefusedError(500, '', '')
    : new BodyRefusedError(413, 'BodyTooLarge', `This path takes at most ${limit} bytes.`);

const busy = () =>
  new BodyRefusedError(
    503,
    'HostBusy',
    'Other requests hold all the memory there is for bodies: send it again in a moment.',
  );
