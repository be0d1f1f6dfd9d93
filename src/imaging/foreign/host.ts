import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/**
 * A host name as it is compared: lower case, punycode, without the root's dot. Empty for what is not a name: addresses
 * in any spelling, single labels such as `localhost`, and anything with a port, a user or a path.
 */
export function normalizeHost(host: string): string {
  if (!/^[^\s/\\?#@:[\]%]+$/.test(host)) return '';
  const ascii = domainToASCII(host).toLowerCase().replace(/\.$/, '');
  // domainToASCII reads 0x7f.1 and 2130706433 as browsers do: as addresses.
  if (isIP(ascii) !== 0 || !/^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+$/.test(ascii)) return '';
  return /\.(localhost|local|internal)$/.test(ascii) ? '' : ascii;
}

/** Whether a host is on the list, exactly: a subdomain of a host on the list is not. */
export function isAllowedHost(host: string, allowedHosts: readonly string[]): boolean {
  const name = normalizeHost(host);
  return name !== '' && allowedHosts.some((allowed) => normalizeHost(allowed) === name);
}
