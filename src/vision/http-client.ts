import type { HttpClient, HttpOperationResponse, WebResourceLike } from '@azure/ms-rest-js';
import { unexpectedAnswer } from './errors.ts';

type Headers = HttpOperationResponse['headers'];

/** Codes of a connection that the other side has closed, before anything of an answer. */
const RESET = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/**
 * Whether a request met a connection that was no more: services close those that have been idle, and a request that is
 * on its way then is lost without having been read. It is sent again, once and at once; an image has no part in it.
 */
const wasReset = (error: unknown): boolean =>
  error instanceof TypeError && RESET.has(String((error.cause as { code?: unknown } | undefined)?.code));

/**
 * Whether a request adds something. It may have been read before its connection broke, and sent again it would add a
 * second face: that is for the delivery to decide, which looks first.
 */
const adds = (request: WebResourceLike): boolean =>
  request.method === 'POST' && /\/persistedfaces$/i.test(new URL(request.url).pathname);

/**
 * Sends the SDKs' requests by the platform's `fetch`. The client that the SDKs bring waits for ever for the second
 * half of an answer that was cut, follows redirects with the image and the key, and makes an empty result of an answer
 * that is not JSON: no faces, where in truth nobody looked.
 *
 * @param service for errors
 * @param makeHeaders the SDKs' own class of headers
 */
export function fetchHttpClient(
  service: string,
  makeHeaders: (raw: Record<string, string>) => Headers,
): HttpClient {
  return {
    async sendRequest(request: WebResourceLike): Promise<HttpOperationResponse> {
      const send = () =>
        fetch(request.url, {
          method: request.method,
          headers: request.headers.rawHeaders(),
          redirect: 'manual',
          ...(request.body !== undefined && { body: request.body as NonNullable<RequestInit['body']> }),
          ...(request.abortSignal && { signal: request.abortSignal as unknown as AbortSignal }),
        });
      const response = await send().catch((error: unknown) => {
        if (!wasReset(error) || adds(request) || request.abortSignal?.aborted) throw error;
        return send();
      });
      const bodyAsText = await response.text();
      const type = String(response.headers.get('content-type'));
      const expectsBody = request.operationSpec?.responses[response.status]?.bodyMapper !== undefined;
      // Of `null` the SDKs make an empty list.
      const isEmpty = ['', 'null'].includes(bodyAsText.trim());
      if (response.ok && expectsBody && (isEmpty || !/^(application|text)\/json\b/i.test(type))) {
        throw unexpectedAnswer(service, String(new URL(request.url).pathname.split('/').at(-1)));
      }
      return {
        request,
        status: response.status,
        headers: makeHeaders(Object.fromEntries(response.headers)),
        bodyAsText,
      };
    },
  };
}
