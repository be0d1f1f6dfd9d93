import { createHmac } from 'node:crypto';
import type { StorageAccount } from './account.ts';
import type { WireRequest } from './request.ts';

type Headers = Readonly<Record<string, string>>;

const SIGNED_HEADERS = [
  'content-encoding',
  'content-language',
  'content-length',
  'content-md5',
  'content-type',
  'date',
  'if-modified-since',
  'if-match',
  'if-none-match',
  'if-unmodified-since',
  'range',
] as const;

/**
 * The `Authorization` header of a request, by the documented rules (Authorize with Shared Key), written apart from
 * the service's own so that one proves the other.
 *
 * @param path the whole path as sent, account included
 * @param headers all that are sent, names in lower case
 */
export function authorisation(
  { account, key }: StorageAccount,
  request: WireRequest,
  path: string,
  headers: Headers,
): string {
  const lite = request.authorisation === 'lite';
  const text = request.service === 'table' ? tableText : lite ? liteText : fullText;
  const secret = request.authorisation === 'stranger' ? Buffer.alloc(64, 7) : Buffer.from(key, 'base64');
  const signature = createHmac('sha256', secret)
    .update(text(account, request, path, headers))
    .digest('base64');
  return `${lite ? 'SharedKeyLite' : 'SharedKey'} ${account}:${signature}`;
}

function fullText(account: string, { method, query = {} }: WireRequest, path: string, headers: Headers) {
  const lines = SIGNED_HEADERS.map((name) =>
    name === 'content-length' && headers[name] === '0' ? '' : (headers[name] ?? ''),
  );
  const parameters = Object.entries(query)
    .map(([name, value]) => `\n${name.toLowerCase()}:${value}`)
    .sort();
  return `${[method, ...lines].join('\n')}\n${canonicalHeaders(headers)}/${account}${path}${parameters.join('')}`;
}

function liteText(account: string, { method, query = {} }: WireRequest, path: string, headers: Headers) {
  const lines = ['content-md5', 'content-type', 'date'].map((name) => headers[name] ?? '');
  return `${[method, ...lines].join('\n')}\n${canonicalHeaders(headers)}/${account}${path}${compOf(query)}`;
}

function tableText(account: string, request: WireRequest, path: string, headers: Headers) {
  const { method, query = {} } = request;
  const resource = `/${account}${path}${compOf(query)}`;
  const date = headers['x-ms-date'] ?? '';
  if (request.authorisation === 'lite') return `${date}\n${resource}`;
  return [method, headers['content-md5'] ?? '', headers['content-type'] ?? '', date, resource].join('\n');
}

const compOf = (query: Headers): string => (query.comp === undefined ? '' : `?comp=${query.comp}`);

const canonicalHeaders = (headers: Headers): string =>
  Object.keys(headers)
    .filter((name) => name.startsWith('x-ms-'))
    .sort()
    .map((name) => `${name}:${headers[name]?.trim()}\n`)
    .join('');
