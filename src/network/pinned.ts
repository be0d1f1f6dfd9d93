import { lookup as dnsLookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';

/** An address as `dns.lookup` gives it. */
export interface Address {
  address: string;
  family: number;
}

/** All addresses of a host. */
export type Resolve = (host: string) => Promise<readonly Address[]>;

/** The system's resolver. */
const systemResolve: Resolve = (host) => dnsLookup(host, { all: true });

/** At least one address, each of them checked. */
export type Checked = readonly [Address, ...Address[]];

/**
 * Resolves a host once; what comes back is all that may be connected to. One forbidden address among others is enough
 * to refuse them all: that is what rebinding looks like.
 *
 * @returns undefined where an address is not allowed
 * @throws {Error} with the system's code (`ENOTFOUND`, say) where the host has no address
 */
export async function resolveOnce(
  host: string,
  isAllowed: (address: string) => boolean,
  signal: AbortSignal,
  resolve: Resolve = systemResolve,
): Promise<Checked | undefined> {
  const [first, ...others] = await abortable(resolve(host), signal);
  if (first === undefined) throw Object.assign(new Error('The host has no address.'), { code: 'ENOTFOUND' });
  return [first, ...others].every(({ address }) => isAllowed(address)) ? [first, ...others] : undefined;
}

/** Answers the socket with the addresses that were checked, whatever the resolver would say by now. */
export function pinned(addresses: Checked): LookupFunction {
  return (_host, options, callback) => {
    if (options.all) callback(null, [...addresses]);
    else callback(null, addresses[0].address, addresses[0].family);
  };
}

/** A resolver takes no signal: stop waiting for it. */
function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((done, fail) => {
    const stop = () => fail(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
    work.then(done, fail).finally(() => signal.removeEventListener('abort', stop));
  });
}
