import { StorageError } from '../http/storage-error.ts';

const maker =
  (status: number, code: string, message: string) =>
  (headers: Readonly<Record<string, string>> = {}): StorageError =>
    new StorageError(status, code, message, {}, headers);

export const containerNotFound = maker(404, 'ContainerNotFound', 'The specified container does not exist.');
export const containerAlreadyExists = maker(
  409,
  'ContainerAlreadyExists',
  'The specified container already exists.',
);
export const blobNotFound = maker(404, 'BlobNotFound', 'The specified blob does not exist.');
export const blobAlreadyExists = maker(409, 'BlobAlreadyExists', 'The specified blob already exists.');
export const publicAccessNotPermitted = maker(
  409,
  'PublicAccessNotPermitted',
  'Public access is not permitted on this storage account.',
);
export const conditionNotMet = maker(
  412,
  'ConditionNotMet',
  'The condition specified using HTTP conditional header(s) is not met.',
);
export const notModified = maker(304, 'ConditionNotMet', 'The condition is not met.');
export const unsatisfiableCondition = maker(
  400,
  'UnsatisfiableCondition',
  'The request includes an unsatisfiable condition for this operation.',
);
export const invalidRange = (size: number): StorageError =>
  maker(
    416,
    'InvalidRange',
    'The range specified is invalid for the current size of the resource.',
  )({ 'content-range': `bytes */${size}` });
export const md5Mismatch = maker(
  400,
  'Md5Mismatch',
  'The MD5 value specified in the request did not match with the MD5 value calculated by the server.',
);
export const crc64Mismatch = maker(
  400,
  'Crc64Mismatch',
  'The CRC64 value specified in the request did not match with the CRC64 value calculated by the server.',
);
export const invalidMd5 = maker(
  400,
  'InvalidMd5',
  'The MD5 value specified in the request is invalid. The MD5 value must be 128 bits and Base64-encoded.',
);
export const invalidBlockList = maker(400, 'InvalidBlockList', 'The specified block list is invalid.');
export const invalidBlobOrBlock = maker(
  400,
  'InvalidBlobOrBlock',
  'The specified blob or block content is invalid.',
);
export const blockCountExceeded = maker(
  409,
  'BlockCountExceedsLimit',
  'The committed block count cannot exceed the maximum limit of 50,000 blocks.',
);
export const cannotVerifyCopySource = (status: number, message: string): StorageError =>
  new StorageError(status, 'CannotVerifyCopySource', message);
