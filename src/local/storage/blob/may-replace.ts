import type { Call } from '../http/call.ts';
import { StorageError } from '../http/storage-error.ts';
import type { BlobRow } from './blobs.ts';

/** A signature to create, but not to write, does not replace what is there. @throws {StorageError} */
export function checkMayReplace({ permit }: Call, before: BlobRow | undefined): void {
  if (!before || permit.permissions === undefined || permit.permissions.includes('w')) return;
  throw new StorageError(
    403,
    'AuthorizationPermissionMismatch',
    'This request is not authorized to perform this operation using this permission.',
  );
}
