import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { HttpRequest } from '@azure/functions';
import busboy from 'busboy';
import { ApiError } from './problem.ts';

/** One file of a form. */
export interface FormFile {
  /** As the client sent it, without its path; decoded as UTF-8. */
  name: string;
  /** The beginning of it where it was truncated. */
  bytes: Buffer;
  /** Whether there was more than `maxBytes`. */
  truncated: boolean;
}

/**
 * The files of a multipart form, one after the other, so that no more than one is held here at a time. Fields that are
 * no files are passed over.
 *
 * @throws {ApiError} 415 where it is no such form, 400 where it is broken or empty, 413 where it has more files
 */
export async function* readFiles(
  request: HttpRequest,
  { maxFiles, maxBytes }: { maxFiles: number; maxBytes: number },
): AsyncGenerator<FormFile> {
  const contentType = request.headers.get('content-type') ?? '';
  if (!/^multipart\/form-data\s*;/i.test(contentType)) {
    throw new ApiError(415, 'FormExpected', 'Send files as multipart/form-data, as a form or FormData does.');
  }
  if (!request.body) throw broken();
  let parser: busboy.Busboy;
  try {
    parser = busboy({
      headers: { 'content-type': contentType },
      // Bytes of a name are UTF-8 in every browser; the package's own default is that of old forms.
      defParamCharset: 'utf8',
      // It takes a file that just reaches its limit for a longer one.
      limits: { files: maxFiles, fileSize: maxBytes + 1, fields: 20, fieldSize: 4096, parts: maxFiles + 20 },
    });
  } catch {
    throw broken();
  }
  const source = Readable.fromWeb(request.body as ReadableStream);
  const files = filesOf(parser);
  source.once('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    yield* files;
  } finally {
    source.unpipe(parser);
    source.destroy();
    parser.destroy();
  }
}

type Event = { stream: Readable & { truncated?: boolean }; name: string } | { error: ApiError } | 'end';

async function* filesOf(parser: busboy.Busboy): AsyncGenerator<FormFile> {
  const events: Event[] = [];
  let wake: () => void = () => {};
  const push = (event: Event) => {
    events.push(event);
    wake();
  };
  parser.on('file', (_, stream, { filename }) => {
    // Whoever stops listening destroys the parser, and with it the file that is under way.
    stream.on('error', () => {});
    push({ stream, name: filename ?? '' });
  });
  const tooMany = () =>
    push({
      error: new ApiError(413, 'TooManyFiles', 'Too many files in one request: send them in several.'),
    });
  parser.on('filesLimit', tooMany);
  parser.on('partsLimit', tooMany);
  parser.on('error', () => push({ error: broken() }));
  parser.on('close', () => push('end'));
  for (;;) {
    const event = events.shift();
    if (event === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      continue;
    }
    if (event === 'end') return;
    if ('error' in event) throw event.error;
    yield { name: event.name, ...(await readAll(event.stream)) };
  }
}

async function readAll(
  stream: Readable & { truncated?: boolean },
): Promise<{ bytes: Buffer; truncated: boolean }> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of stream) chunks.push(chunk as Buffer);
  } catch {
    throw broken();
  }
  return { bytes: Buffer.concat(chunks), truncated: stream.truncated === true };
}

const broken = () =>
  new ApiError(400, 'BrokenForm', 'The form is broken or ends before its end: send the files again.');
