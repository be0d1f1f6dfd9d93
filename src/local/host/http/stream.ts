import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { TypedData } from '../app/core-api.ts';

/**
 * Passes a request on to the proxy that `app.setup({ enableHttpStream: true })` makes @azure/functions open in this
 * process, and its answer back, both as streams. The invocation itself goes the usual way, and waits for this request
 * by its id.
 *
 * As on the platform, a handler that throws leaves its caller without an answer.
 *
 * @param proxy the `HttpUri` capability
 */
export function passThrough(
  proxy: string,
  invocationId: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { host = 'localhost', ...headers } = request.headers;
  const onwards = httpRequest(new URL(request.url ?? '/', proxy), {
    method: request.method,
    headers: {
      ...headers,
      'x-ms-invocation-id': invocationId,
      'x-forwarded-host': host,
      'x-forwarded-proto': 'http',
    },
  });
  onwards.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onwards.on('error', () => response.destroy());
  response.on('close', () => onwards.destroy());
  request.pipe(onwards);
}

/** What a streaming invocation finds in its metadata: headers in one piece, each route parameter as a string. */
export function streamMetadata(
  request: IncomingMessage,
  params: Record<string, string>,
): Record<string, TypedData> {
  const metadata: Record<string, TypedData> = {};
  for (const [name, value] of Object.entries(params)) metadata[name] = { string: value };
  metadata.Headers = { json: JSON.stringify(request.headers) };
  return metadata;
}
