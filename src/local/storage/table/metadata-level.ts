import { type Call, headerOf } from '../http/call.ts';
import type { EntityRow } from './entities.ts';
import type { Properties } from './entity.ts';
import { atomNotSupported, mediaTypeNotSupported } from './errors.ts';
import { etagOfStamp } from './stamp.ts';

export type MetadataLevel = 'none' | 'minimal' | 'full';

/** How much an answer says about types and addresses: `$format`, else `Accept`. @throws {StorageError} */
export function levelOf(call: Call): MetadataLevel {
  const accept = (call.query.get('$format') ?? headerOf(call, 'accept') ?? '').toLowerCase();
  if (accept.includes('odata=fullmetadata')) return 'full';
  if (accept.includes('odata=minimalmetadata')) return 'minimal';
  if (accept.includes('odata=nometadata')) return 'none';
  if (accept === '' || accept.includes('application/json') || accept.includes('*/*')) return 'minimal';
  if (accept.includes('application/atom+xml') || accept.includes('application/xml')) throw atomNotSupported();
  throw mediaTypeNotSupported();
}

export const jsonType = (level: MetadataLevel): string =>
  `application/json;odata=${level === 'none' ? 'no' : level}metadata;streaming=true;charset=utf-8`;

export const serviceRoot = (call: Call): string => `http://${call.headers.host}/${call.account}`;

const TYPE = '@odata.type';

/** Members of an entity in JSON, without the braces. @param select names wanted; all when absent */
export function entityMembers(
  call: Call,
  level: MetadataLevel,
  table: string,
  row: EntityRow,
  select: ReadonlySet<string> | undefined,
): string {
  const etag = JSON.stringify(etagOfStamp(row.stamp));
  const wants = (name: string) => select === undefined || select.has(name);
  const members: string[] = [];
  if (level === 'full') {
    const key = (text: string) => encodeURIComponent(text.replaceAll("'", "''"));
    const link = `${table}(PartitionKey='${key(row.pk)}',RowKey='${key(row.rk)}')`;
    members.push(
      `"odata.type":${JSON.stringify(`${call.account}.${table}`)}`,
      `"odata.id":${JSON.stringify(`${serviceRoot(call)}/${link}`)}`,
      `"odata.etag":${etag}`,
      `"odata.editLink":${JSON.stringify(link)}`,
    );
  } else if (level === 'minimal') members.push(`"odata.etag":${etag}`);
  if (wants('PartitionKey')) members.push(`"PartitionKey":${JSON.stringify(row.pk)}`);
  if (wants('RowKey')) members.push(`"RowKey":${JSON.stringify(row.rk)}`);
  if (wants('Timestamp')) {
    if (level === 'full') members.push('"Timestamp@odata.type":"Edm.DateTime"');
    members.push(`"Timestamp":"${row.stamp}"`);
  }
  // Kept as they are answered: nothing to take apart.
  if (select === undefined && level !== 'none') {
    if (row.properties !== '{}') members.push(row.properties.slice(1, -1));
    return members.join(',');
  }
  const properties = JSON.parse(row.properties) as Properties;
  for (const name in properties) {
    if (name.endsWith(TYPE)) {
      if (level === 'none' || !wants(name.slice(0, -TYPE.length))) continue;
    } else if (!wants(name)) continue;
    members.push(`${JSON.stringify(name)}:${JSON.stringify(properties[name])}`);
  }
  return members.join(',');
}

/** The names of `$select`; undefined for all. */
export function selectOf({ query }: Call): ReadonlySet<string> | undefined {
  const text = query.get('$select')?.trim() ?? '';
  if (text === '' || text === '*') return undefined;
  return new Set(text.split(',').map((name) => name.trim()));
}
