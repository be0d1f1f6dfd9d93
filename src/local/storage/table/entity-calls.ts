import type { Answer } from '../http/answer.ts';
import { type Call, headerOf } from '../http/call.ts';
import { missingHeader, StorageError } from '../http/storage-error.ts';
import type { Entities, EntityRow } from './entities.ts';
import { type GivenEntity, mergeProperties, type Properties, readEntity } from './entity.ts';
import {
  entityAlreadyExists,
  propertiesNeedValue,
  resourceNotFound,
  updateConditionNotSatisfied,
} from './errors.ts';
import { entityMembers, jsonType, levelOf, selectOf, serviceRoot } from './metadata-level.ts';
import { isPermitted } from './query-call.ts';
import { etagOfStamp } from './stamp.ts';
import type { TableRow } from './tables.ts';

export interface EntityKey {
  readonly pk: string;
  readonly rk: string;
}

/** Keys outside of a signature's range are as good as not there. @throws {StorageError} */
function checkPermitted({ permit }: Call, key: EntityKey): void {
  if (permit.range && !isPermitted(permit.range, key)) {
    throw new StorageError(
      403,
      'AuthorizationFailure',
      'This request is not authorized to perform this operation.',
    );
  }
}

/** Insert Entity. */
export function insertEntity(call: Call, body: Buffer, table: TableRow, entities: Entities): Answer {
  const { pk, rk, properties } = readEntity(body);
  if (pk === undefined || rk === undefined) throw propertiesNeedValue();
  checkPermitted(call, { pk, rk });
  if (entities.find(table.number, pk, rk)) throw entityAlreadyExists();
  const row = entities.insert(table.number, pk, rk, JSON.stringify(properties), call.now);
  const location = locationOf(call, table, row);
  const headers = { etag: etagOfStamp(row.stamp), location };
  const prefer = headerOf(call, 'prefer')?.toLowerCase();
  if (prefer === 'return-no-content') {
    return {
      status: 204,
      headers: { ...headers, 'preference-applied': 'return-no-content', dataserviceid: location },
    };
  }
  return {
    ...entityAnswer(call, table, row, undefined),
    status: 201,
    headers: {
      ...headers,
      'content-type': jsonType(levelOf(call)),
      ...(prefer !== undefined && { 'preference-applied': 'return-content' }),
    },
  };
}

/** Get Entity. */
export function getEntity(call: Call, key: EntityKey, table: TableRow, entities: Entities): Answer {
  checkPermitted(call, key);
  const row = entities.find(table.number, key.pk, key.rk);
  if (!row) throw resourceNotFound();
  return entityAnswer(call, table, row, selectOf(call));
}

/**
 * Update (`If-Match`: must be there) and Insert Or Replace, or, where `merges`, Merge and Insert Or Merge.
 */
export function writeEntity(
  call: Call,
  body: Buffer,
  key: EntityKey,
  merges: boolean,
  table: TableRow,
  entities: Entities,
): Answer {
  checkPermitted(call, key);
  const given = checkKeys(readEntity(body), key);
  const match = headerOf(call, 'if-match');
  const before = entities.find(table.number, key.pk, key.rk);
  if (match !== undefined) checkMatch(before, match);
  if (!before) {
    const row = entities.insert(table.number, key.pk, key.rk, JSON.stringify(given), call.now);
    return { status: 204, headers: { etag: etagOfStamp(row.stamp) } };
  }
  const properties = merges ? mergeProperties(JSON.parse(before.properties) as Properties, given) : given;
  const row = entities.update(table.number, before, JSON.stringify(properties), call.now);
  return { status: 204, headers: { etag: etagOfStamp(row.stamp) } };
}

/** Delete Entity. */
export function deleteEntity(call: Call, key: EntityKey, table: TableRow, entities: Entities): Answer {
  checkPermitted(call, key);
  const match = headerOf(call, 'if-match');
  if (match === undefined) throw missingHeader('If-Match');
  const before = entities.find(table.number, key.pk, key.rk);
  checkMatch(before, match);
  if (before) entities.remove(table.number, before);
  return { status: 204 };
}

function checkMatch(row: EntityRow | undefined, match: string): void {
  if (!row) throw resourceNotFound();
  if (match === '*' || match === etagOfStamp(row.stamp)) return;
  // Clients that decode it are understood as well.
  if (match === `W/"datetime'${row.stamp}'"`) return;
  throw updateConditionNotSatisfied();
}

/** Keys of the body, where there are any, must be those of the address. */
function checkKeys({ pk, rk, properties }: GivenEntity, key: EntityKey): Properties {
  if ((pk !== undefined && pk !== key.pk) || (rk !== undefined && rk !== key.rk)) {
    throw new StorageError(
      400,
      'InvalidInput',
      'The keys in the body of the request are not those of the address.',
    );
  }
  return properties;
}

function entityAnswer(
  call: Call,
  table: TableRow,
  row: EntityRow,
  select: ReadonlySet<string> | undefined,
): Answer {
  const level = levelOf(call);
  const metadata = JSON.stringify(`${serviceRoot(call)}/$metadata#${table.name}/@Element`);
  const head = level === 'none' ? '' : `"odata.metadata":${metadata},`;
  const body = `{${head}${entityMembers(call, level, table.name, row, select)}}`;
  return {
    status: 200,
    headers: { 'content-type': jsonType(level), 'cache-control': 'no-cache', etag: etagOfStamp(row.stamp) },
    // Nothing but the head can have been asked for.
    body: body.replace(/,\}$/, '}'),
  };
}

const locationOf = (call: Call, table: TableRow, { pk, rk }: EntityKey): string => {
  const key = (text: string) => encodeURIComponent(text.replaceAll("'", "''"));
  return `${serviceRoot(call)}/${table.name}(PartitionKey='${key(pk)}',RowKey='${key(rk)}')`;
};
