import { StorageError } from '../http/storage-error.ts';

export const queueNotFound = (): StorageError =>
  new StorageError(404, 'QueueNotFound', 'The specified queue does not exist.');

export const queueAlreadyExists = (): StorageError =>
  new StorageError(409, 'QueueAlreadyExists', 'The specified queue already exists.');

export const messageNotFound = (): StorageError =>
  new StorageError(404, 'MessageNotFound', 'The specified message does not exist.');

export const popReceiptMismatch = (): StorageError =>
  new StorageError(
    400,
    'PopReceiptMismatch',
    'The specified pop receipt did not match the pop receipt for a dequeued message.',
  );
