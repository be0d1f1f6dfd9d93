import type { KeyObject } from 'node:crypto';
import type { Call, Permit } from '../http/call.ts';
import { authenticationFailed } from '../http/storage-error.ts';

/** What a shared access signature allows. @throws {StorageError} */
export function permitOfSas(_call: Call, _keys: readonly KeyObject[]): Permit {
  throw authenticationFailed('Shared access signatures are not taken yet.');
}
