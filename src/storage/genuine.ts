import type { HttpClient } from '@azure/core-rest-pipeline';
import { OutageError } from '../domain/errors.ts';

/** Every answer of the storage service, error or not, names its request in this header. */
const REQUEST_ID = 'x-ms-request-id';

interface Answer {
  status: number;
  headers: { get(name: string): string | undefined };
}

/**
 * Whether an answer is one of the storage service, and not a page that a proxy or a captive portal put in its place,
 * which the SDKs would take for an empty list (200), or for a blob that is gone (404).
 */
export const isGenuine = ({ headers }: Answer): boolean => headers.get(REQUEST_ID) !== undefined;

export const notGenuine = (): OutageError =>
  new OutageError(
    'What answered for the storage account was something else: the answer does not name its request.',
    { code: 'StorageUnexpectedAnswer' },
  );

/** Statuses that are an outage whoever answers them. */
const isOutage = (status: number): boolean => status === 408 || status === 429 || status >= 500;

/** A client that lets only answers of the storage service pass. @throws {OutageError} StorageUnexpectedAnswer */
export function onlyGenuine(client: HttpClient): HttpClient {
  return {
    async sendRequest(request) {
      const answer = await client.sendRequest(request);
      if (isGenuine(answer) || isOutage(answer.status)) return answer;
      throw notGenuine();
    },
  };
}
