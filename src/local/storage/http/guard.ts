import type { IncomingMessage } from 'node:http';
import { StorageError } from './storage-error.ts';

const LOCAL_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i;

/**
 * Keeps web pages out: a browser names the page it works for, and a name that resolves to this machine is not this
 * machine's own. Clients of storage send neither header.
 *
 * @throws {StorageError}
 */
export function refusePages({ headers }: IncomingMessage): void {
  const { host, origin, 'sec-fetch-site': site } = headers;
  if (origin !== undefined || (site !== undefined && site !== 'none')) {
    throw refused('This storage service takes no requests from web pages.');
  }
  if (host === undefined || !LOCAL_HOST.test(host)) {
    throw refused('This storage service is reached as 127.0.0.1 or localhost only.');
  }
}

const refused = (sentence: string): StorageError => new StorageError(403, 'AuthorizationFailure', sentence);
