import { ContractError } from '../../domain/errors.ts';
import { isAllowedHost, normalizeHost } from './host.ts';

/** An address as `dns.lookup` gives it. */
export interface Address {
  address: string;
  family: number;
}

/** All addresses of a host. */
export type Resolve = (host: string) => Promise<readonly Address[]>;

/** The policy says no. The message says why, never with the URL: its path may hold anything. */
export const refused = (why: string) =>
  new ContractError(`The image_url was refused: ${why}`, { code: 'ForeignImageRefused' });

/**
 * Holds a URL against the policy: https on its usual port, no user or password, a host that is on the list by name.
 *
 * @throws {ContractError} ForeignImageRefused
 */
export function checkUrl(url: string, allowedHosts: readonly string[], base?: URL): URL {
  const parsed = URL.parse(url, base?.href);
  if (parsed === null) throw refused('it is not a URL.');
  if (parsed.protocol !== 'https:') throw refused('only https is fetched.');
  if (parsed.username !== '' || parsed.password !== '')
    throw refused('it carries a user name or a password.');
  if (parsed.port !== '') throw refused('it names a port; only the usual one for https is used.');
  if (!isAllowedHost(parsed.hostname, allowedHosts)) {
    const host = normalizeHost(parsed.hostname);
    throw refused(
      host === ''
        ? 'its host is an address or a local name; only public host names are fetched from.'
        : `its host, ${host}, is not in ALLOWED_IMAGE_HOSTS. Add it there if images may be fetched from it.`,
    );
  }
  return parsed;
}

/**
 * Resolves a host once; what comes back is all that may be connected to. One private address among public ones is
 * enough to refuse: that is what rebinding looks like.
 *
 * @throws {ContractError} ForeignImageRefused
 */
export async function checkedAddresses(
  host: string,
  resolve: Resolve,
  isPublic: (address: string) => boolean,
): Promise<readonly [Address, ...Address[]]> {
  const [first, ...others] = await resolve(host);
  if (first === undefined) throw Object.assign(new Error('The host has no address.'), { code: 'ENOTFOUND' });
  if (![first, ...others].every(({ address }) => isPublic(address))) {
    throw refused('its host has an address that is not on the public Internet.');
  }
  return [first, ...others];
}
