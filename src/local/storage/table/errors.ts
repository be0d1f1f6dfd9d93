import { StorageError } from '../http/storage-error.ts';

const maker = (status: number, code: string, message: string) => (): StorageError =>
  new StorageError(status, code, message);

export const tableNotFound = maker(404, 'TableNotFound', 'The table specified does not exist.');
export const tableAlreadyExists = maker(409, 'TableAlreadyExists', 'The table specified already exists.');
export const resourceNotFound = maker(404, 'ResourceNotFound', 'The specified resource does not exist.');
export const entityAlreadyExists = maker(409, 'EntityAlreadyExists', 'The specified entity already exists.');
export const updateConditionNotSatisfied = maker(
  412,
  'UpdateConditionNotSatisfied',
  'The update condition specified in the request was not satisfied.',
);
export const propertiesNeedValue = maker(
  400,
  'PropertiesNeedValue',
  'The values are not specified for all properties in the entity.',
);
export const propertyValueTooLarge = maker(
  400,
  'PropertyValueTooLarge',
  'The property value exceeds the maximum allowed size (64KB). If the property value is a string, it is UTF-16 encoded and the maximum number of characters should be 32K or less.',
);
export const entityTooLarge = maker(
  400,
  'EntityTooLarge',
  'The entity is larger than the maximum allowed size (1MB).',
);
export const tooManyProperties = maker(
  400,
  'TooManyProperties',
  'The entity contains more properties than allowed. Each entity can include up to 252 properties to store data.',
);
export const propertyNameTooLong = maker(
  400,
  'PropertyNameTooLong',
  'The property name exceeds the maximum allowed length (255).',
);
export const propertyNameInvalid = maker(400, 'PropertyNameInvalid', 'The property name is invalid.');
export const keyValueTooLarge = maker(
  400,
  'KeyValueTooLarge',
  'The value specified for the partition or row key property is larger than the maximum size permitted.',
);
export const keyOutOfRange = (name: string, value: string): StorageError =>
  new StorageError(400, 'OutOfRangeInput', `The '${name}' parameter of value '${value}' is out of range.`);
export const atomNotSupported = maker(415, 'AtomFormatNotSupported', 'Atom format is not supported.');
export const mediaTypeNotSupported = maker(
  415,
  'MediaTypeNotSupported',
  'None of the provided media types are supported',
);
export const invalidFilter = (reason: string): StorageError =>
  new StorageError(400, 'InvalidInput', `The query condition specified in the request is invalid. ${reason}`);
export const differentPartitions = maker(
  400,
  'CommandsInBatchActOnDifferentPartitions',
  'All commands in a batch must operate on same entity group.',
);
export const duplicateRow = maker(
  400,
  'InvalidDuplicateRow',
  'The batch request contains multiple changes with same row key. An entity can appear only once in a batch request.',
);
