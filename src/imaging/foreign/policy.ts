import { ContractError } from '../../domain/errors.ts';
import { isAllowedHost, normalizeHost } from './host.ts';

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
