import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpData, Nullable, TypedData } from '../app/core-api.ts';
import { serializeCookie } from './cookie.ts';

/**
 * A request as it is handed to a handler. Values of a query key or header that occurs more than once are joined with a
 * comma, as the platform does; `url` keeps them apart.
 */
export function toHttpData(
  request: IncomingMessage,
  url: URL,
  params: Record<string, string>,
  bytes: Buffer,
): HttpData {
  const query: Record<string, string> = {};
  for (const name of url.searchParams.keys()) query[name] = url.searchParams.getAll(name).join(',');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return {
    method: request.method ?? 'GET',
    url: url.href,
    nullableHeaders: nullable(headers),
    nullableQuery: nullable(query),
    nullableParams: nullable(params),
    body: { bytes },
  };
}

function nullable(values: Record<string, string>): Record<string, Nullable<string>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}

/** Writes what a handler returned; a handler that returned nothing has no content. */
export function writeResponse(response: ServerResponse, value: TypedData | null | undefined): void {
  const data = value?.http;
  if (data === undefined) {
    response.writeHead(204).end();
    return;
  }
  for (const [name, header] of Object.entries(data.headers ?? {})) response.setHeader(name, header);
  const cookies = (data.cookies ?? []).map(serializeCookie);
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  response.statusCode = Number(data.statusCode ?? 200);
  response.end(data.body?.bytes ?? data.body?.string);
}
