import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpData, Nullable, TypedData } from '../app/core-api.ts';
import { serializeCookie } from './cookie.ts';

/** The largest request the platform takes: 100 MiB. It is not the app's to set. */
export const MAX_BODY_BYTES = 104_857_600;

/** The request is larger than `MAX_BODY_BYTES`. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

/**
 * A request as it is handed to a handler. Values of a query key or header that occurs more than once are joined with a
 * comma, as the platform does; `url` keeps them apart.
 *
 * @throws {BodyTooLargeError}
 */
export async function toHttpData(
  request: IncomingMessage,
  url: URL,
  params: Record<string, string>,
): Promise<HttpData> {
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
    body: { bytes: await readBody(request) },
  };
}

function nullable(values: Record<string, string>): Record<string, Nullable<string>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw new BodyTooLargeError();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
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
