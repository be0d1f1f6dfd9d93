import type { Problem } from '../../api/contract.ts';
import { routes } from '../../api/routes.ts';
import { strings } from '../strings.ts';
import { createStore } from './store.ts';
import { untilSaved } from './unsaved.ts';

/** An answer that was no success, in words for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** 0 where no answer came at all. */
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** How often somebody was refused for who they are: not signed in (any longer), or without the role. */
export const refusals = createStore(0);

/** Has whoever looks at the page asked for again where the answer was that they may not. */
export function noteRefusal(status: number): void {
  if (status === 401 || status === 403) refusals.set((count) => count + 1);
}

/** @throws {ApiError} with the problem's own detail where the server gave one */
export async function call(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await orUnreachable(fetch(path, { credentials: 'same-origin', ...init }), init.signal);
  if (path !== routes.me) noteRefusal(response.status);
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** Also where an answer breaks off, or is that of whoever stands between: the sign-in of a network, say. */
async function orUnreachable<T>(work: Promise<T>, signal?: AbortSignal | null): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, 'Unreachable', strings.common.unreachable);
  }
}

async function problemOf(response: Response): Promise<ApiError> {
  const problem = (await response.json().catch(() => undefined)) as Partial<Problem> | undefined;
  return new ApiError(
    response.status,
    problem?.code ?? 'Unknown',
    problem?.detail ?? problem?.title ?? `${strings.common.somethingWrong} (${response.status})`,
  );
}

/** `no-cache` makes the browser ask with its ETag, so that an unchanged answer is an empty 304. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await call(path, { cache: 'no-cache', ...(signal && { signal }) });
  return orUnreachable<T>(response.json(), signal);
}

export const send = <T = void>(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<T | undefined> => untilSaved(sendInPassing<T>(method, path, body));

/** What goes on by itself where the page is closed. */
export async function sendInPassing<T = void>(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<T | undefined> {
  const response = await call(path, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  const read = async () => {
    const text = await response.text();
    return text === '' ? undefined : (JSON.parse(text) as T);
  };
  return orUnreachable(read());
}

/** Query string of what is given: arrays repeat their name, undefined and empty leave it out. */
export function query(values: Record<string, string | number | readonly string[] | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === '') continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}
