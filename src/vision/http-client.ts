import { globalAgent } from 'node:http';
import { globalAgent as secureAgent } from 'node:https';
import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineRequest,
  isRestError,
  type PipelineRequest,
  type RequestBodyType,
  RestError,
} from '@azure/core-rest-pipeline';
import type { HttpClient, HttpOperationResponse, WebResourceLike } from '@azure/ms-rest-js';
import { unexpectedAnswer } from './errors.ts';

type Headers = HttpOperationResponse['headers'];

/** Codes of a connection that the other side has closed, before anything of an answer. */
const RESET = new Set(['ECONNRESET', 'EPIPE']);

/**
 * Whether a request met a connection that was no more: services close those that have been idle, and a request that is
 * on its way then is lost without having been read. It is sent again, once and at once; an image has no part in it.
 */
const wasReset = (error: unknown): boolean => isRestError(error) && RESET.has(String(error.code));

/** Whether an answer broke off: its text could not be read to its end. */
const wasCut = (error: unknown): boolean => isRestError(error) && error.code === RestError.PARSE_ERROR;

/**
 * Whether a request adds something. It may have been read before its connection broke, and sent again it would add a
 * second face: that is for the delivery to decide, which looks first.
 */
const adds = (request: WebResourceLike): boolean =>
  request.method === 'POST' && /\/persistedfaces$/i.test(new URL(request.url).pathname);

/**
 * Sends the SDKs' requests by the client that the storage SDKs bring. The one that theirs bring waits for ever for the
 * second half of an answer that was cut, follows redirects with the image and the key, and makes an empty result of an
 * answer that is not JSON: no faces, where in truth nobody looked. The platform's `fetch` copies an image three times.
 *
 * @param service for errors
 * @param makeHeaders the SDKs' own class of headers
 */
export function visionHttpClient(
  service: string,
  makeHeaders: (raw: Record<string, string>) => Headers,
): HttpClient {
  const client = createDefaultHttpClient();
  return {
    async sendRequest(request: WebResourceLike): Promise<HttpOperationResponse> {
      const send = () => client.sendRequest(pipelineRequest(request));
      const response = await send()
        .catch((error: unknown) => {
          if (!wasReset(error) || adds(request) || request.abortSignal?.aborted) throw error;
          return send();
        })
        .catch((error: unknown) => {
          if (!wasCut(error)) throw error;
          throw new RestError('The answer broke off.', {
            code: 'ECONNRESET',
            request: pipelineRequest(request),
          });
        });
      const bodyAsText = (response.bodyAsText ?? '').replace(/^\uFEFF/, '');
      const type = String(response.headers.get('content-type'));
      const isOk = response.status >= 200 && response.status < 300;
      const expectsBody = request.operationSpec?.responses[response.status]?.bodyMapper !== undefined;
      // Of `null` the SDKs make an empty list.
      const isEmpty = ['', 'null'].includes(bodyAsText.trim());
      if (isOk && expectsBody && (isEmpty || !/^(application|text)\/json\b/i.test(type))) {
        throw unexpectedAnswer(service, String(new URL(request.url).pathname.split('/').at(-1)));
      }
      return {
        request,
        status: response.status,
        headers: makeHeaders(response.headers.toJSON()),
        bodyAsText,
      };
    },
  };
}

/** A request of the older SDKs as one of the newer ones. */
function pipelineRequest({ url, method, headers, body, abortSignal }: WebResourceLike): PipelineRequest {
  const request = createPipelineRequest({
    url,
    method: method as PipelineRequest['method'],
    // Where nothing is said an answer may be packed, which this client would hand on as it is.
    headers: createHttpHeaders({ ...headers.rawHeaders(), 'accept-encoding': 'identity' }),
    // The engine speaks plain HTTP on loopback.
    allowInsecureConnection: true,
    ...(body !== undefined && { body: body as RequestBodyType }),
    ...(abortSignal && { abortSignal: abortSignal as unknown as AbortSignal }),
  });
  // The platform's agents let go of idle connections, and go by the environment's proxy where told to; the client's own do
  // neither. Set afterwards: the function above takes an agent, and drops it.
  request.agent = url.startsWith('https:') ? secureAgent : globalAgent;
  return request;
}
