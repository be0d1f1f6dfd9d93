import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { invalidUri, StorageError } from './storage-error.ts';

export type ServiceName = 'blob' | 'queue' | 'table';

/** One request, taken apart once. */
export interface Call {
  readonly service: ServiceName;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as sent. */
  readonly rawHeaders: readonly string[];
  /** The body: still to come, or, of a request within a batch, at hand. */
  readonly body: IncomingMessage | Buffer;
  /** As sent, still encoded, the account included: what signatures are made over. */
  readonly rawPath: string;
  readonly account: string;
  /** What follows the account, still encoded, without its slash. */
  readonly rawResource: string;
  /** Names in lower case, both decoded. */
  readonly query: ReadonlyMap<string, string>;
  readonly requestId: string;
  /** Milliseconds since 1970, the same for all that this request does. */
  readonly now: number;
  /** What the signature allows: everything for a key, `permissions` and more for a shared access signature. */
  permit: Permit;
}

/** The target of a request, taken apart. */
type Target = Pick<Call, 'rawPath' | 'account' | 'rawResource' | 'query'>;

/** Narrows what a call may do; see `auth/`. */
export interface Permit {
  /** Letters of the signature, or undefined when the account's key signed. */
  readonly permissions?: string;
  /** What the signature is for. */
  readonly scope?: SasScope;
  /** Of an account's signature: the levels it reaches, as letters of service, container and object. */
  readonly levels?: string;
  /** Of a table's signature: the table, in lower case. */
  readonly table?: string;
  /** Answers' headers that the signature asks for. */
  readonly overrides?: Readonly<Record<string, string>>;
  /** Of a table signature: the range of keys it reaches. */
  readonly range?: KeyRange;
}

/** What a shared access signature is given for. */
export type SasScope = 'account' | 'container' | 'blob' | 'queue' | 'table';

export interface KeyRange {
  readonly startPk?: string;
  readonly startRk?: string;
  readonly endPk?: string;
  readonly endRk?: string;
}

export const OWNER: Permit = {};

/** Answered when the client names no version. */
export const DEFAULT_VERSION = '2026-04-06';

/** Decodes one part of a path or a query. @throws {StorageError} InvalidUri */
export function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidUri();
  }
}

/** @param text without the question mark */
function parseQuery(text: string): Map<string, string> {
  const query = new Map<string, string>();
  if (text === '') return query;
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const name = decode(at < 0 ? pair : pair.slice(0, at)).toLowerCase();
    const value = at < 0 ? '' : decode(pair.slice(at + 1));
    const before = query.get(name);
    query.set(name, before === undefined ? value : `${before},${value}`);
  }
  return query;
}

export function headerOf(call: Pick<Call, 'headers'>, name: string): string | undefined {
  const value = call.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

const META = 'x-ms-meta-';
/** Of all names and values: what answers must carry back, and clients take of headers. */
const METADATA_LIMIT = 8 * 1024;

/** The x-ms-meta-* headers, names as the client wrote them. @throws {StorageError} InvalidMetadata, MetadataTooLarge */
export function metadataOf(call: Call): Record<string, string> {
  const { rawHeaders } = call;
  // Without a prototype, every name is a name.
  const metadata: Record<string, string> = Object.create(null);
  let size = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length > META.length && name.slice(0, META.length).toLowerCase() === META) {
      const key = name.slice(META.length);
      if (!/^[A-Za-z_]\w*$/.test(key)) {
        throw new StorageError(
          400,
          'InvalidMetadata',
          'The metadata specified is invalid. It has characters that are not permitted.',
        );
      }
      const value = rawHeaders[index + 1] ?? '';
      size += key.length + value.length;
      metadata[key] = value;
    }
  }
  if (size > METADATA_LIMIT) {
    throw new StorageError(
      400,
      'MetadataTooLarge',
      'The size of the specified metadata exceeds the maximum size permitted.',
      { MaxLimit: String(METADATA_LIMIT) },
    );
  }
  return metadata;
}

export function metadataHeaders(metadata: string): Record<string, string> {
  if (metadata === '{}') return {};
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(JSON.parse(metadata) as Record<string, string>)) {
    headers[META + name] = value;
  }
  return headers;
}

/** Takes the target of a request apart. @throws {StorageError} of one that names nothing */
export function readTarget(url: string): Target {
  const mark = url.indexOf('?');
  const rawPath = mark < 0 ? url : url.slice(0, mark);
  if (!rawPath.startsWith('/')) throw invalidUri();
  const slash = rawPath.indexOf('/', 1);
  return {
    rawPath,
    account: slash < 0 ? rawPath.slice(1) : rawPath.slice(1, slash),
    rawResource: slash < 0 ? '' : rawPath.slice(slash + 1),
    query: parseQuery(mark < 0 ? '' : url.slice(mark + 1)),
  };
}
