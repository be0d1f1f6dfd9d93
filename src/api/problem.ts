import type { z } from 'zod';
import {
  ContractError,
  OutageError,
  PermanentError,
  RateLimitedError,
  UnavailableError,
} from '../domain/errors.ts';
import { ContradictionError } from '../people/contradiction.ts';
import { UnknownEnquiryError } from '../people/enquiry/over.ts';
import {
  ChangedMeanwhileError,
  PeopleRefusedError,
  UnknownDecisionError,
  UnknownNodeError,
} from '../people/errors.ts';
import { isStorageOutage } from '../storage/status.ts';
import type { Problem } from './contract.ts';

/** An answer that is not what was asked for. `detail` is shown to people: what was wrong and what to do. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly errors: { path: string; message: string }[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    detail: string,
    more: { errors?: { path: string; message: string }[]; headers?: Record<string, string> } = {},
  ) {
    super(detail);
    this.status = status;
    this.code = code;
    this.errors = more.errors;
    this.headers = more.headers ?? {};
  }
}

export const notFound = (what: string): ApiError =>
  new ApiError(404, 'NotFound', `There is no such ${what}, or there is no longer.`);

/** Inputs that a schema refused, each in words. */
export function invalidInput(where: string, error: z.ZodError): ApiError {
  const errors = error.issues.slice(0, 20).map(({ path, message }) => ({
    path: [where, ...path].join('.'),
    message,
  }));
  const first = errors[0];
  return new ApiError(
    400,
    'InvalidInput',
    `The request is not what this operation takes: ${first ? `${first.path}: ${first.message}` : where}.`,
    { errors },
  );
}

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** What anything thrown is to a caller. Errors nobody foresaw say nothing of themselves: their text may hold data. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (thrown instanceof UnknownNodeError || thrown instanceof UnknownDecisionError)
    return new ApiError(404, 'NotFound', thrown.message);
  if (thrown instanceof UnknownEnquiryError) return notFound(thrown.what);
  if (thrown instanceof ContradictionError)
    return new ApiError(409, 'Contradiction', thrown.message, {
      errors: thrown.path.map((node) => ({ path: node, message: 'is on the way' })),
    });
  if (thrown instanceof ChangedMeanwhileError) return new ApiError(409, 'ChangedMeanwhile', thrown.message);
  if (thrown instanceof PeopleRefusedError) return new ApiError(422, thrown.code, thrown.message);
  if (thrown instanceof UnavailableError) return new ApiError(403, thrown.code, thrown.message);
  if (thrown instanceof PermanentError) return new ApiError(422, thrown.code, thrown.message);
  if (thrown instanceof ContractError) return new ApiError(422, thrown.code, thrown.message);
  if (thrown instanceof RateLimitedError) {
    return new ApiError(429, thrown.code, thrown.message, { headers: retryAfter(thrown.retryAfterMs) });
  }
  if (thrown instanceof OutageError) {
    const headers = retryAfter(thrown.retryAfterMs ?? 5000);
    return new ApiError(503, thrown.code, thrown.message, { headers });
  }
  if (isStorageOutage(thrown)) {
    return new ApiError(
      503,
      'StorageUnavailable',
      'The storage account cannot be reached now. Try again shortly.',
      {
        headers: retryAfter(5000),
      },
    );
  }
  return new ApiError(
    500,
    'UnexpectedError',
    'Something went wrong here. The log of this invocation says what.',
  );
}

const retryAfter = (ms: number) => ({ 'retry-after': String(Math.max(1, Math.ceil(ms / 1000))) });

export const toProblem = ({ status, code, message, errors }: ApiError): Problem => ({
  type: 'about:blank',
  title: TITLES[status] ?? 'Error',
  status,
  detail: message,
  code,
  ...(errors && { errors }),
});
