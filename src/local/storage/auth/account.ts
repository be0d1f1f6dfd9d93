import { createSecretKey, type KeyObject } from 'node:crypto';

/** A storage account: its name in addresses, and its keys (base64), each of which opens everything. */
export interface Account {
  readonly name: string;
  readonly keys: readonly string[];
}

/** Keys made ready once: a signature is checked with every request. */
export type KeyRing = ReadonlyMap<string, readonly KeyObject[]>;

/** @throws {Error} of a name or a key that is none */
export function keyRing(accounts: readonly Account[]): KeyRing {
  const ring = new Map<string, KeyObject[]>();
  for (const { name, keys } of accounts) {
    if (!/^[a-z0-9]{3,24}$/.test(name)) {
      throw new Error(`The account name "${name}" is none: 3 to 24 lower-case letters and digits.`);
    }
    const secrets = keys.map((key) => Buffer.from(key, 'base64'));
    if (secrets.length === 0 || secrets.some((secret) => secret.length < 16)) {
      throw new Error(`The account "${name}" needs keys in base64, of at least 16 bytes each.`);
    }
    ring.set(name, secrets.map(createSecretKey));
  }
  if (ring.size === 0) throw new Error('No storage account was given.');
  return ring;
}
