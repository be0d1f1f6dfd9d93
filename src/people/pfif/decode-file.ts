import { TextDecoder } from 'node:util';
import { PfifFileError } from './faults.ts';

/** Bytes by which an encoding is told: a byte order mark, or the declaration, which stands first. */
const HEAD_BYTES = 256;

/**
 * The text of an XML file, in pieces, by its byte order mark, else its declaration, else as UTF-8. Bytes that are none
 * become U+FFFD.
 *
 * @throws {PfifFileError} Encoding: the declaration names one that is not known
 */
export async function* decodeFile(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<string> {
  let head = Buffer.alloc(0);
  let decoder: TextDecoder | undefined;
  for await (const chunk of chunks) {
    if (decoder) {
      yield decoder.decode(chunk, { stream: true });
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < HEAD_BYTES) continue;
    decoder = decoderOf(head);
    yield decoder.decode(head, { stream: true });
  }
  yield decoder ? decoder.decode() : decoderOf(head).decode(head);
}

function decoderOf(head: Buffer): TextDecoder {
  if (head[0] === 0xff && head[1] === 0xfe) return new TextDecoder('utf-16le');
  if (head[0] === 0xfe && head[1] === 0xff) return new TextDecoder('utf-16be');
  const start = head.subarray(0, HEAD_BYTES).toString('latin1');
  const declared = /^(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']/.exec(start)?.[1];
  try {
    return new TextDecoder(declared ?? 'utf-8');
  } catch {
    throw new PfifFileError(
      'Encoding',
      'The file declares an encoding that is not known. PFIF is written in UTF-8: save it so, and import it again.',
    );
  }
}
