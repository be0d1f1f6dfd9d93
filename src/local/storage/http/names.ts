import { StorageError } from './storage-error.ts';

const WITHIN = /^[a-z0-9](?:-?[a-z0-9])*$/;

/** Queues and containers are named alike. @throws {StorageError} OutOfRangeInput, InvalidResourceName */
export function checkName(name: string): string {
  if (name.length < 3 || name.length > 63) {
    throw new StorageError(
      400,
      'OutOfRangeInput',
      'The specified resource name length is not within the permissible limits.',
    );
  }
  if (!WITHIN.test(name)) {
    throw new StorageError(
      400,
      'InvalidResourceName',
      'The specified resource name contains invalid characters.',
    );
  }
  return name;
}
