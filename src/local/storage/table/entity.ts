import { invalidInput } from '../http/storage-error.ts';
import {
  entityTooLarge,
  keyOutOfRange,
  keyValueTooLarge,
  propertiesNeedValue,
  propertyNameInvalid,
  propertyNameTooLong,
  propertyValueTooLarge,
  tooManyProperties,
} from './errors.ts';
import { guidOf, longOf, momentOf, type TypedValue } from './typed-value.ts';

/** Own properties by name, and `<name>@odata.type` where JSON alone does not say the type: as they are answered. */
export type Properties = Record<string, string | number | boolean>;

export interface GivenEntity {
  readonly pk: string | undefined;
  readonly rk: string | undefined;
  readonly properties: Properties;
}

const TYPE = '@odata.type';
const MAX_PROPERTIES = 252;
const MAX_NAME = 255;
const MAX_TEXT = 32 * 1024;
const MAX_BINARY = 64 * 1024;
const MAX_ENTITY = 1024 * 1024;
const MAX_KEY = 512;
const INT32 = 2 ** 31;

/** Reads an entity from a request. @throws {StorageError} */
export function readEntity(body: Buffer | string): GivenEntity {
  const entity = readMembers(body);
  // Without a prototype, every name is a name.
  const properties: Properties = Object.create(null);
  let [count, size] = [0, 0];
  for (const name in entity) {
    if (name === 'PartitionKey' || name === 'RowKey' || name === 'Timestamp') continue;
    if (name.startsWith('odata.') || name.endsWith(TYPE)) continue;
    const value = entity[name];
    if (value === null || value === undefined) continue;
    if (name.length > MAX_NAME) throw propertyNameTooLong();
    if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) throw propertyNameInvalid();
    count += 1;
    size += 2 * name.length + 8 + addProperty(properties, name, value, entity[name + TYPE]);
  }
  if (count > MAX_PROPERTIES) throw tooManyProperties();
  if (size > MAX_ENTITY) throw entityTooLarge();
  return { pk: keyOf(entity, 'PartitionKey'), rk: keyOf(entity, 'RowKey'), properties };
}

/** Of an entity in a request its keys only: what else it has is not looked at. @throws {StorageError} */
export function readKeys(body: Buffer | string): Pick<GivenEntity, 'pk' | 'rk'> {
  const entity = readMembers(body);
  return { pk: keyOf(entity, 'PartitionKey'), rk: keyOf(entity, 'RowKey') };
}

function readMembers(body: Buffer | string): Record<string, unknown> {
  let given: unknown;
  try {
    given = JSON.parse(body.toString());
  } catch {
    throw invalidInput('The body is not JSON.');
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw propertiesNeedValue();
  return given as Record<string, unknown>;
}

function keyOf(entity: Record<string, unknown>, name: 'PartitionKey' | 'RowKey'): string | undefined {
  const value = entity[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalidInput();
  return checkKey(name, value);
}

/** @throws {StorageError} of characters or a length that keys cannot have */
export function checkKey(name: string, value: string): string {
  if (value.length > MAX_KEY) throw keyValueTooLarge();
  if (/[/\\#?\u0000-\u001f\u007f-\u009f]/.test(value) || !value.isWellFormed())
    throw keyOutOfRange(name, value);
  return value;
}

/** @returns its size as the service counts it, in bytes */
function addProperty(properties: Properties, name: string, value: unknown, given: unknown): number {
  const type = typeof given === 'string' ? given : undefined;
  const keep = (kept: string | number | boolean, size: number): number => {
    if (type !== undefined && type !== 'Edm.String' && type !== 'Edm.Boolean' && type !== 'Edm.Int32') {
      properties[name + TYPE] = type;
    }
    properties[name] = kept;
    return size;
  };
  const wrong = () => invalidInput(`The property "${name}" has a value that its type does not have.`);
  switch (type) {
    case undefined:
    case 'Edm.String':
      if (typeof value === 'string') {
        if (value.length > MAX_TEXT) throw propertyValueTooLarge();
        return keep(value, 2 * value.length);
      }
      if (type !== undefined) throw wrong();
      if (typeof value === 'boolean') return keep(value, 1);
      if (typeof value !== 'number') throw wrong();
      if (Number.isInteger(value) && (value < -INT32 || value >= INT32)) throw wrong();
      return keep(value, Number.isInteger(value) ? 4 : 8);
    case 'Edm.Boolean':
      if (typeof value === 'boolean') return keep(value, 1);
      if (value !== 'true' && value !== 'false') throw wrong();
      return keep(value === 'true', 1);
    case 'Edm.Int32': {
      const number = Number(value);
      if (!Number.isInteger(number) || number < -INT32 || number >= INT32) throw wrong();
      return keep(number, 4);
    }
    case 'Edm.Double':
      if (typeof value === 'number') return keep(value, 8);
      if (typeof value !== 'string' || !(/^-?(?:Infinity|INF)$|^NaN$/.test(value) || value.trim() !== ''))
        throw wrong();
      if (!/^(?:NaN|-?Infinity)$/.test(value) && Number.isNaN(Number(value))) throw wrong();
      return keep(/^(?:NaN|-?Infinity)$/.test(value) ? value : Number(value), 8);
    case 'Edm.Int64': {
      const long = longOf(String(value));
      if (long === undefined) throw wrong();
      return keep(String(long), 8);
    }
    case 'Edm.DateTime':
      if (typeof value !== 'string' || momentOf(value) === undefined) throw wrong();
      return keep(value, 8);
    case 'Edm.Guid':
      if (typeof value !== 'string' || guidOf(value) === undefined) throw wrong();
      return keep(value, 16);
    case 'Edm.Binary': {
      if (typeof value !== 'string') throw wrong();
      const size = Buffer.from(value, 'base64').length;
      if (size > MAX_BINARY) throw propertyValueTooLarge();
      return keep(value, size);
    }
    default:
      throw wrong();
  }
}

/** A kept property as it compares. */
export function typedProperty(properties: Properties, name: string): TypedValue | undefined {
  if (!Object.hasOwn(properties, name) || name.endsWith(TYPE)) return undefined;
  const value = properties[name];
  if (value === undefined) return undefined;
  const type = properties[name + TYPE];
  if (typeof value === 'boolean') return { type: 'boolean', value };
  if (typeof value === 'number') return { type: 'number', value };
  switch (type) {
    case 'Edm.Int64':
      return { type: 'long', value: BigInt(value) };
    case 'Edm.Double':
      return { type: 'number', value: Number(value) };
    case 'Edm.DateTime':
      return { type: 'moment', value: momentOf(value) ?? value };
    case 'Edm.Guid':
      return { type: 'guid', value: value.toLowerCase() };
    case 'Edm.Binary':
      return { type: 'binary', value: Buffer.from(value, 'base64').toString('hex').toUpperCase() };
    default:
      return { type: 'text', value };
  }
}

/** Merges what is given over what is kept. @throws {StorageError} where the whole is too large */
export function mergeProperties(kept: Properties, given: Properties): Properties {
  const merged: Properties = Object.assign(Object.create(null), kept);
  for (const name in given) {
    if (name.endsWith(TYPE)) continue;
    delete merged[name + TYPE];
    const [value, type] = [given[name], given[name + TYPE]];
    if (type !== undefined) merged[name + TYPE] = type;
    // A property keeps its place behind its type.
    delete merged[name];
    if (value !== undefined) merged[name] = value;
  }
  let [count, size] = [0, 0];
  for (const name in merged) {
    if (name.endsWith(TYPE)) continue;
    count += 1;
    const value = merged[name];
    size += 2 * name.length + 8 + (typeof value === 'string' ? 2 * value.length : 8);
  }
  if (count > MAX_PROPERTIES) throw tooManyProperties();
  if (size > MAX_ENTITY) throw entityTooLarge();
  return merged;
}
