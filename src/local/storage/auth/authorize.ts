import type { Call } from '../http/call.ts';
import { OWNER, type Permit } from '../http/call.ts';
import { authenticationFailed, StorageError } from '../http/storage-error.ts';
import type { KeyRing } from './account.ts';
import { type Policies, permitOfSas } from './sas.ts';
import { stringsToSign } from './shared-key.ts';
import { sameSignature, sign } from './signature.ts';

/** A signed date may be so far from this clock, either way. */
const SKEW_MS = 15 * 60_000;

/** Who asks, and what they may do. @throws {StorageError} */
export function authorize(call: Call, ring: KeyRing, policies: Policies): Permit {
  const keys = ring.get(call.account);
  const { authorization } = call.headers;
  if (authorization === undefined) {
    if (call.query.has('sig')) {
      if (!keys) throw authenticationFailed('The account is unknown here.');
      return permitOfSas(call, keys, policies);
    }
    // There is no anonymous access: public containers are not part of this service.
    throw new StorageError(
      401,
      'NoAuthenticationInformation',
      'Server failed to authenticate the request. Please refer to the information in the www-authenticate header.',
      {},
      { 'www-authenticate': 'SharedKey' },
    );
  }
  const match = /^(SharedKey|SharedKeyLite) ([^:]+):(.+)$/.exec(authorization);
  const [, scheme, account, given = ''] = match ?? [];
  if (scheme !== 'SharedKey' && scheme !== 'SharedKeyLite') {
    throw new StorageError(
      400,
      'InvalidAuthenticationInfo',
      'Authentication information is not given in the correct format. Check the value of Authorization header.',
    );
  }
  if (!keys || account !== call.account) throw authenticationFailed('The account is not the one addressed.');
  checkDate(call);
  for (const text of stringsToSign(call, scheme)) {
    if (keys.some((key) => sameSignature(sign(key, text), given))) return OWNER;
  }
  throw authenticationFailed('The signature does not fit the request and the keys of this account.');
}

function checkDate({ headers, now }: Call): void {
  const given = headers['x-ms-date'] ?? headers.date;
  const date = Date.parse(String(given));
  if (Number.isNaN(date))
    throw authenticationFailed('The request carries no date, or one that cannot be read.');
  if (Math.abs(now - date) > SKEW_MS) {
    throw authenticationFailed(`Request date header too old: '${String(given)}'`);
  }
}
