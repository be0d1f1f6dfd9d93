import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ServiceError } from '../errors.ts';

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1)$/;
const LOCAL_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Keeps web pages out: a page that the operator has open can reach every port of this machine, also under a name of
 * its own that leads here. Browsers say whom they work for; the services' clients are no browsers.
 *
 * @param address where the engine listens: on an address that others reach, too, it has names of its own
 * @throws {ServiceError} 403
 */
export function refusePages(
  { headers }: Pick<IncomingMessage, 'headers'>,
  address: AddressInfo | string | null,
): void {
  const { host, origin, 'sec-fetch-site': site } = headers;
  if (origin !== undefined || (site !== undefined && site !== 'none')) {
    throw refused('The vision engine takes no requests from web pages.');
  }
  if (address === null || typeof address === 'string' || !LOOPBACK.test(address.address)) return;
  if (host === undefined || !LOCAL_NAMES.includes(host.toLowerCase().replace(/:\d+$/, ''))) {
    throw refused('The vision engine is reached as 127.0.0.1 or localhost only.');
  }
}

const refused = (message: string) => new ServiceError(403, { code: '403', message });
