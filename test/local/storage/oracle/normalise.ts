import type { WireAnswer } from '../wire/request.ts';

/** An answer less what two services that do the same may say differently: ids, times, addresses. */
export interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Of the connection and its framing, not of the service. */
const FRAMING = [
  'date',
  'server',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'x-ms-version',
  'x-ms-client-request-id',
];

const PATTERNS: readonly [name: string, pattern: RegExp][] = [
  ['etag', /W\/"datetime'[^"]*'"/g],
  ['etag', /W\/\\"datetime'[^"]*'\\"/g],
  ['etag', /\b0x[0-9A-Fa-f]{8,}\b/g],
  ['time', /\b[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT\b/g],
  ['id', /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi],
];
/**
 * Stamps that the service itself writes into entities, markers, and receipts: Azurite gives all messages of one answer
 * the same, and what a receipt is good for is seen when it is used.
 */
const OPAQUE = [
  /(?<="Timestamp":")[^"]+(?=")/g,
  /(?<=<NextMarker>)[^<]+(?=<\/NextMarker>)/g,
  /(?<=<Marker>)[^<]+(?=<\/Marker>)/g,
  /(?<=<PopReceipt>)[^<]+(?=<\/PopReceipt>)/g,
];
/** As the sequences' own constants, which stay as they are. */
const OWN = /^(?:11111111|22222222|9f1b7b3e|00000000)-|2020 00:00:00|2100 00:00:00/;

/**
 * Gives ids and ETags of one service names by their first appearance, so that equal and different ones must be equal
 * and different in the other, too.
 */
export class Normaliser {
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #space: string;
  readonly #endpoint: string;

  constructor(space: string, endpoint: string) {
    this.#space = space;
    this.#endpoint = endpoint;
  }

  plain(answer: WireAnswer): PlainAnswer {
    const headers: Record<string, string> = {};
    for (const name of Object.keys(answer.headers).sort()) {
      if (FRAMING.includes(name)) continue;
      // Whether a body's length is said or its parts are counted as they come; of a blob the length is its own.
      if (name === 'content-length' && answer.headers['x-ms-blob-type'] === undefined) continue;
      headers[name] = this.#header(name, answer.headers[name] ?? '');
    }
    return { status: answer.status, headers, body: this.#body(answer) };
  }

  #header(name: string, value: string): string {
    if (name === 'x-ms-request-id') return '<request>';
    if (name === 'x-ms-popreceipt' || name.startsWith('x-ms-continuation-')) return '<opaque>';
    if (name === 'x-ms-copy-id') return this.#name('id', value);
    return this.#text(decodeQuotes(value));
  }

  #body(answer: WireAnswer): string {
    const type = answer.headers['content-type'] ?? '';
    const raw = answer.body.toString('utf8');
    if (type.includes('multipart/')) return this.#text(plainMultipart(raw));
    if (type.includes('json')) return this.#text(plainJson(raw));
    if (raw.startsWith('<?xml') || raw.startsWith('\ufeff<?xml')) return this.#text(plainXml(raw));
    return answer.body.length > 200 ? `${answer.body.length} bytes ${raw.slice(0, 40)}` : raw;
  }

  #text(raw: string): string {
    let text = raw.replaceAll(this.#endpoint, '{endpoint}');
    text = text.replaceAll(this.#space, '{space}').replaceAll(this.#space.replaceAll('-', ''), '{space}');
    for (const [name, pattern] of PATTERNS) {
      text = text.replace(pattern, (value) =>
        OWN.test(value) ? value : name === 'time' ? '<time>' : this.#name(name, value),
      );
    }
    return OPAQUE.reduce((rest, pattern) => rest.replace(pattern, '<opaque>'), text);
  }

  #name(kind: string, value: string): string {
    const key = `${kind} ${decodeQuotes(value).replaceAll('\\', '')}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    const name = `<${kind} ${count}>`;
    this.#names.set(key, name);
    return name;
  }
}

/** In ETags of tables colons come encoded and not, by where they stand. */
const decodeQuotes = (text: string): string => text.replaceAll('%3A', ':').replaceAll('%3a', ':');

/** White space between elements, the declaration, how emptiness is written: XML of one meaning in one spelling. */
function plainXml(raw: string): string {
  return raw
    .replace(/^\ufeff?<\?xml[^>]*\?>/, '')
    .replace(/>\s+</g, '><')
    .replace(/<([A-Za-z][^\s/>]*)((?:\s[^>]*?)?)\s*\/>/g, '<$1$2></$1>')
    .replace(/\s+>/g, '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&gt;', '>')
    .replace(/\nRequestId:.*?\n?Time:[^<]*/s, '')
    .trim();
}

/** Properties in the order of their names. */
function plainJson(raw: string): string {
  try {
    return JSON.stringify(JSON.parse(raw), (_, value: unknown) =>
      value !== null && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value,
    ).replace(/\\nRequestId:.*?Time:[^"]*/, '');
  } catch {
    return raw;
  }
}

/** Boundaries are made up, headers of parts have no order and no case. */
function plainMultipart(raw: string): string {
  const boundary = /^--(\S+)/.exec(raw)?.[1] ?? '';
  const inner = /boundary=(\S+)/.exec(raw)?.[1] ?? boundary;
  return raw
    .replaceAll(boundary, 'batch')
    .replaceAll(inner, 'changes')
    .split(/\r?\n/)
    .map((line) =>
      /^[A-Za-z-]+:/.test(line)
        ? line.replace(/^[^:]+:\s*/, (head) => `${head.trim().toLowerCase()} `)
        : line,
    )
    .map((line) => (line.startsWith('{') ? plainJson(line) : line))
    .filter((line) => line !== '' && !/^(?:content-length|x-ms-request-id|x-ms-version|date):/.test(line))
    .join('\n');
}
