import { isGenuine } from './genuine.ts';

type StorageError = { statusCode?: unknown; response?: Parameters<typeof isGenuine>[0] } | undefined;

/** The HTTP status of a storage error, 0 when it never reached the service: something else may have answered. */
export function statusOf(error: unknown): number {
  const { statusCode, response } = (error ?? {}) as NonNullable<StorageError>;
  if (typeof statusCode !== 'number' || isForeign(response)) return 0;
  return statusCode;
}

/** Below 500: above it, whoever answers says that the service is away. */
const isForeign = (response: NonNullable<StorageError>['response']): boolean =>
  response?.headers !== undefined && response.status < 500 && response.status !== 429 && !isGenuine(response);

/** Runs a storage call whose "not found" is an answer, not a failure. */
export async function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** Whether a container, and not only a blob in it, is what was not found. */
export function isContainerMissing(error: unknown): boolean {
  return statusOf(error) === 404 && hasCode(error, 'ContainerNotFound');
}

/** Whether a storage error has this code of the service. */
export function hasCode(error: unknown, wanted: string): boolean {
  const { code, details } = (error ?? {}) as { code?: unknown; details?: { errorCode?: unknown } };
  return code === wanted || details?.errorCode === wanted;
}

/** Codes of errors that say the service was not reached, from Node and from the storage SDKs. */
const UNREACHED =
  /^(REQUEST_SEND_ERROR|PARSE_ERROR|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|ERR_STREAM_PREMATURE_CLOSE|UND_ERR_.*)$/;

/** Whether a storage error means that the service is away, slow or asks for fewer calls: time cures it. */
export function isStorageOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const status = statusOf(error);
  if (status === 408 || status === 429 || status >= 500) return true;
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return true;
  if (isForeign((error as NonNullable<StorageError>).response)) return true;
  const { code } = error as { code?: unknown };
  return status === 0 && typeof code === 'string' && UNREACHED.test(code);
}
