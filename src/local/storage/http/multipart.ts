import { invalidInput } from './storage-error.ts';

export interface MultipartPart {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The boundary of a multipart content type. @throws {StorageError} */
export function boundaryOf(contentType: string | undefined): string {
  const match = /^multipart\/mixed\b.*?;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType ?? '');
  const boundary = match?.[1] ?? match?.[2];
  if (boundary === undefined) throw invalidInput('The body of a batch is multipart/mixed with a boundary.');
  return boundary;
}

/** Takes a multipart body apart; lines may end in CR LF or LF. @throws {StorageError} */
export function parseMultipart(body: Buffer, boundary: string): MultipartPart[] {
  const delimiter = Buffer.from(`--${boundary}`);
  const parts: MultipartPart[] = [];
  let from = startOf(body, delimiter, 0);
  if (from < 0) throw invalidInput('The boundary of the batch is not in its body.');
  for (;;) {
    const at = from + delimiter.length;
    if (body[at] === HYPHEN && body[at + 1] === HYPHEN) return parts;
    const begin = afterLine(body, at);
    const next = startOf(body, delimiter, begin);
    if (next < 0) throw invalidInput('The batch ends before its last boundary.');
    parts.push(splitHead(body.subarray(begin, next)));
    from = next;
  }
}

const HYPHEN = 0x2d;
const LF = 0x0a;
const CR = 0x0d;

/** A delimiter stands at the beginning of a line. */
function startOf(body: Buffer, delimiter: Buffer, from: number): number {
  for (let at = body.indexOf(delimiter, from); at >= 0; at = body.indexOf(delimiter, at + 1)) {
    if (at === 0 || body[at - 1] === LF) return at;
  }
  return -1;
}

const afterLine = (body: Buffer, from: number): number => {
  const end = body.indexOf(LF, from);
  return end < 0 ? body.length : end + 1;
};

/** Headers, an empty line, and the rest without the line end before the next boundary. */
function splitHead(part: Buffer): MultipartPart {
  const headers: Record<string, string> = {};
  let at = 0;
  while (at < part.length) {
    const end = afterLine(part, at);
    const line = part.toString('utf8', at, end).trimEnd();
    at = end;
    if (line === '') break;
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  let end = part.length;
  if (end > at && part[end - 1] === LF) end -= 1;
  if (end > at && part[end - 1] === CR) end -= 1;
  return { headers, body: part.subarray(at, end) };
}

export interface InnerRequest {
  readonly method: string;
  /** As written: a path, or a whole address. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** The request in a part of type application/http. @throws {StorageError} */
export function innerRequest({ body }: MultipartPart): InnerRequest {
  let start = 0;
  // Some clients leave an empty line before the request.
  while (body[start] === LF || body[start] === CR) start += 1;
  const head = afterLine(body, start);
  const [, method, target] =
    /^(\S+) (\S+) HTTP\/1\.[01]$/.exec(body.toString('utf8', start, head).trim()) ?? [];
  if (method === undefined || target === undefined)
    throw invalidInput('A part of the batch is no HTTP request.');
  const { headers, body: content } = splitHead(body.subarray(head));
  return {
    method: method.toUpperCase(),
    target: target.replace(/^https?:\/\/[^/]+/i, ''),
    headers,
    rawHeaders: Object.entries(headers).flat(),
    body: content,
  };
}

/** One answer of a batch as an application/http part, without its boundary. */
export function answerPart(
  status: number,
  reason: string,
  headers: Readonly<Record<string, string | number>>,
  body: string,
): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${reason}\r\n${lines.join('')}\r\n${body}`;
}
