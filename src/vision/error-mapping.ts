import { foreignCode } from '../domain/error-codes.ts';
import {
  OutageError,
  PermanentError,
  PipelineError,
  RateLimitedError,
  UnavailableError,
} from '../domain/errors.ts';
import { DEFAULT_RETRY_AFTER_MS, parseRetryAfter } from '../domain/retry-after.ts';
import { FaceIdExpiredError, type FaceListState, FaceListStateError, VisionCallError } from './errors.ts';

export type VisionService = 'computerVision' | 'face';

/** Where and when a call failed: what an error's words and delays depend on. */
interface FailedCall {
  service: VisionService;
  /** The operation, as people know it: `analyze`, `face list: add`. */
  operation: string;
  /** Our own limit per call ran out. */
  timedOut: boolean;
  /** Milliseconds since the epoch. */
  now: number;
}

/** As people know a service. */
export const serviceName = (service: VisionService): string => SERVICE[service].name;

const SERVICE: Record<VisionService, { name: string; endpoint: string; key: string }> = {
  computerVision: {
    name: 'Computer Vision',
    endpoint: 'COMPUTER_VISION_ENDPOINT',
    key: 'COMPUTER_VISION_KEY',
  },
  face: { name: 'Face', endpoint: 'FACE_ENDPOINT', key: 'FACE_KEY' },
};

/** A month's quota does not come back within minutes, but a person may raise it at any time. */
const QUOTA_RETRY_MS = 15 * 60_000;

/** Codes of the Face service that speak of lists (reference-face-error-codes, 2025-08). */
const LIST_STATES: Readonly<Record<string, FaceListState>> = {
  FaceListNotFound: 'missing',
  LargeFaceListNotFound: 'missing',
  PersistedFaceNotFound: 'faceMissing',
  FaceListExists: 'exists',
  LargeFaceListExists: 'exists',
  FaceListNotReady: 'empty',
  LargeFaceListNotReady: 'empty',
  LargeFaceListNotTrained: 'untrained',
  LargeFaceListTrainingNotFinished: 'training',
  ConcurrentOperationConflict: 'busy',
};

/** Codes whose message speaks of format and size only, so that it may be stored and shown. */
const SPEAKING = new Set([
  'InvalidImage',
  'InvalidImageFormat',
  'InvalidImageSize',
  'InvalidImageDimension',
  'NotSupportedImage',
  'NotSupportedFeature',
  'NotSupportedVisualFeature',
  'NotSupportedLanguage',
  'UnsupportedMediaType',
]);

/** Never reached the service, or the service refused to listen: nothing was done to any image. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EHOSTDOWN',
]);

/**
 * Turns whatever an SDK call threw into the taxonomy of `errors.ts`. The SDKs' error has `statusCode`, `code`,
 * `body` and `response.headers`; the code that counts is often in `body.error.innererror`.
 *
 * | Answer | Error |
 * |---|---|
 * | 429 | `RateLimitedError` with the service's delay, one second when it names none |
 * | 401, 403 | `OutageError` `VisionAccessDenied`: a wrong key must not burn images |
 * | 403 `UnsupportedFeature` | `UnavailableError` `LimitedAccessRequired` |
 * | 403 quota | `FaceListStateError` `full` about lists, else `OutageError` `VisionQuotaExceeded` |
 * | 400, 413, 415 | `PermanentError` with the service's own code |
 * | list and face id states | `FaceListStateError`, `FaceIdExpiredError` |
 * | 408, 502, 503, 504, unreachable, our time-out, 3xx and 404 (a wrong endpoint) | `OutageError` |
 * | 500, a cut connection, half or foreign answers | `VisionCallError`: an attempt, for the image may be why, unless other images fail alike (`service-breaker.ts`) |
 */
export function toVisionError(thrown: unknown, call: FailedCall): Error {
  if (thrown instanceof PipelineError) return thrown;
  const { name, endpoint, key } = SERVICE[call.service];
  const options = { cause: thrown };
  if (call.timedOut) {
    return new OutageError(`${name} did not answer in time (${call.operation}).`, {
      ...options,
      code: 'VisionTimeout',
    });
  }
  if (thrown instanceof Error && /^(CredentialUnavailable|(Aggregate)?Authentication)/.test(thrown.name)) {
    const message = `No token for ${name}: the app's identity could not sign in. Set ${key}, or assign an identity (AZURE_CLIENT_ID).`;
    return new OutageError(message, { ...options, code: 'VisionAccessDenied' });
  }
  const failure = readFailure(thrown);
  if (failure.status === undefined) {
    if (UNREACHABLE.has(failure.code)) {
      const message = `${name} cannot be reached (${failure.code}): is ${endpoint} right, and is the service up?`;
      return new OutageError(message, { ...options, code: 'VisionUnreachable' });
    }
    if (failure.remote) {
      const message = `The connection to ${name} broke during ${call.operation} (${failure.code}).`;
      return new VisionCallError('VisionConnectionLost', message, options);
    }
    return thrown instanceof Error
      ? thrown
      : new VisionCallError('VisionCallFailed', 'Unknown failure.', options);
  }
  return fromAnswer({ ...failure, status: failure.status }, call, options);
}

function fromAnswer(failure: Failure & { status: number }, call: FailedCall, options: ErrorOptions): Error {
  const { status, code, message } = failure;
  const { name, endpoint, key } = SERVICE[call.service];
  const retryAfterMs = parseRetryAfter(failure.retryAfter, call.now);
  const delay = retryAfterMs === undefined ? {} : { retryAfterMs };

  if (status === 429) {
    return new RateLimitedError(
      `${name} asks for fewer calls per second.`,
      Math.max(retryAfterMs ?? DEFAULT_RETRY_AFTER_MS, 1),
      options,
    );
  }
  const state = LIST_STATES[code];
  if (state !== undefined) return new FaceListStateError(state, code, options);
  if (code === 'FaceNotFound') return new FaceIdExpiredError(options);
  if (status === 403 && /quota/i.test(`${code} ${message}`)) {
    if (/list/.test(call.operation)) return new FaceListStateError('full', 'QuotaExceeded', options);
    return new OutageError(
      `The quota of the ${name} account is used up: it comes back with the next period or a higher tier.`,
      { ...options, code: 'VisionQuotaExceeded', retryAfterMs: retryAfterMs ?? QUOTA_RETRY_MS },
    );
  }
  if (code === 'UnsupportedFeature') {
    if (/attribute/i.test(message))
      return new PermanentError(
        foreignCode(code),
        `${name} no longer offers a requested attribute.`,
        options,
      );
    return new UnavailableError(
      'LimitedAccessRequired',
      'The Face account has no Limited Access approval for recognition: apply at https://aka.ms/facerecognition, or set FACE_LIMITED_ACCESS to off.',
      options,
    );
  }
  if (status === 401 || status === 403) {
    return new OutageError(
      `${name} refused our sign-in (HTTP ${status}): check ${key} and ${endpoint}, or give the app's identity the role Cognitive Services User.`,
      { ...options, code: 'VisionAccessDenied', ...delay },
    );
  }
  if (status === 404 || (status >= 300 && status < 400)) {
    return new OutageError(
      `${name} has no ${call.operation} at its address (HTTP ${status}): check ${endpoint}.`,
      { ...options, code: 'VisionNotFound', ...delay },
    );
  }
  if (status === 408 || status === 502 || status === 503 || status === 504) {
    return new OutageError(`${name} is not available (HTTP ${status}).`, { ...options, ...delay });
  }
  if (status === 409) return new FaceListStateError('busy', code, options);
  if (status >= 400 && status < 500) {
    const words = SPEAKING.has(code) && message !== '' ? `: ${message.slice(0, 200)}` : '.';
    return new PermanentError(
      foreignCode(code),
      `${name} refused the image or the request (${call.operation}, ${code})${words}`,
      options,
    );
  }
  // Neither 3xx nor 4xx comes here.
  const isAnswer = status < 300;
  return isAnswer
    ? new VisionCallError(
        'VisionUnexpectedAnswer',
        `${name} answered ${call.operation} with something that is not the documented answer.`,
        options,
      )
    : new VisionCallError(
        'VisionInternalError',
        `${name} failed inside (HTTP ${status}, ${call.operation}).`,
        options,
      );
}

interface Failure {
  status: number | undefined;
  code: string;
  message: string;
  retryAfter: string | undefined;
  /** It happened on the wire, not in our own code. */
  remote: boolean;
}

/** Statuses without a code of their own in the body (415 has none in Computer Vision). */
const CODE_OF_STATUS: Readonly<Record<number, string>> = {
  413: 'InvalidImageSize',
  415: 'UnsupportedMediaType',
};

function readFailure(thrown: unknown): Failure {
  const error = asRecord(thrown);
  const outer = asRecord(asRecord(error.body).error ?? error.body);
  const inner = asRecord(outer.innererror);
  const cause = asRecord(error.cause);
  const status = typeof error.statusCode === 'number' ? error.statusCode : statusOf(error.response);
  const given = [inner.code, outer.code, error.code, cause.code].find((code) => isCode(code));
  const message = [inner.message, outer.message].find((text) => typeof text === 'string');
  const headers = asRecord(asRecord(error.response).headers) as {
    get?: (name: string) => string | undefined;
  };
  return {
    status,
    code: given ?? (status === undefined ? 'Unknown' : (CODE_OF_STATUS[status] ?? `HTTP${status}`)),
    message: (message as string | undefined) ?? '',
    retryAfter: typeof headers.get === 'function' ? headers.get('retry-after') : undefined,
    // What both SDKs throw when the connection fails, before or amid the answer, names the request.
    remote: error.request !== undefined,
  };
}

/** Numbers only repeat the status, and PARSE_ERROR is the SDK's own. */
const isCode = (code: unknown): code is string =>
  typeof code === 'string' && /^(?!\d+$)[\w.-]{1,64}$/.test(code) && code !== 'PARSE_ERROR';

const statusOf = (response: unknown): number | undefined => {
  const { status } = asRecord(response);
  return typeof status === 'number' ? status : undefined;
};

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
