import { decode } from '../http/call.ts';
import { invalidUri, StorageError } from '../http/storage-error.ts';
import type { Place } from './store.ts';

const LONGEST_NAME = 1024;

/** Container and blob of a path behind the account; a blob of "" is the container itself. @throws {StorageError} */
export function placeOf(rawResource: string): Place {
  const slash = rawResource.indexOf('/');
  const container = decode(slash < 0 ? rawResource : rawResource.slice(0, slash));
  const blob = slash < 0 ? '' : decode(rawResource.slice(slash + 1));
  if (blob.length > LONGEST_NAME) {
    throw new StorageError(
      400,
      'OutOfRangeInput',
      'The specified resource name length is not within the permissible limits.',
    );
  }
  if (!blob.isWellFormed()) throw invalidUri();
  return { container, blob };
}
