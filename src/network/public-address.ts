import { BlockList, isIP } from 'node:net';

/**
 * IPv4 ranges that are not the public Internet. Source: IANA IPv4 Special-Purpose Address Registry, multicast (RFC 5771),
 * and the address at which Azure's platform answers every virtual machine.
 */
const PRIVATE_IPV4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/**
 * Within global unicast, 2000::/3, what is not public all the same: IETF assignments with Teredo (2001::/23),
 * documentation, and 6to4, which is withdrawn (RFC 7526) and hides an IPv4 address. Source: IANA IPv6 Special-Purpose
 * Address Registry.
 */
const PRIVATE_IPV6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

/** Prefixes that carry an IPv4 address in their last 32 bits: mapped (RFC 4291) and NAT64 (RFC 6052). */
const IPV4_CARRIERS = ['::ffff:', '64:ff9b::'] as const;

const publicIpv6 = new BlockList();
publicIpv6.addSubnet('2000::', 3, 'ipv6');

const carriedIpv4 = new BlockList();
for (const prefix of IPV4_CARRIERS) carriedIpv4.addSubnet(`${prefix}0.0.0.0`, 96, 'ipv6');

const privateIpv4 = new BlockList();
const privateIpv6 = new BlockList();
for (const [network, bits] of PRIVATE_IPV4) {
  privateIpv4.addSubnet(network, bits, 'ipv4');
  for (const prefix of IPV4_CARRIERS) privateIpv6.addSubnet(`${prefix}${network}`, 96 + bits, 'ipv6');
}
for (const [network, bits] of PRIVATE_IPV6) privateIpv6.addSubnet(network, bits, 'ipv6');

/**
 * Whether an address is one of the public Internet: neither private, loopback, link-local, unique-local, shared
 * (CGNAT), multicast, reserved nor unspecified, nor an IPv6 form of such an IPv4 address. What is not an address in
 * its usual spelling (`0x7f.1`, `2130706433`, one with a zone) is not public.
 */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !privateIpv4.check(address, 'ipv4');
    case 6:
      if (address.includes('%') || privateIpv6.check(address, 'ipv6')) return false;
      return publicIpv6.check(address, 'ipv6') || carriedIpv4.check(address, 'ipv6');
    default:
      return false;
  }
}
