import type { Answer } from '../http/answer.ts';
import { type Call, headerOf } from '../http/call.ts';
import { decodeMarker, encodeMarker } from '../http/listing.ts';
import { numberQuery } from '../http/number-query.ts';
import { invalidInput, invalidQuery, StorageError } from '../http/storage-error.ts';
import { propertiesNeedValue, tableAlreadyExists } from './errors.ts';
import { compile } from './filter/evaluate.ts';
import { parseFilter } from './filter/parser.ts';
import { jsonType, levelOf, type MetadataLevel, serviceRoot } from './metadata-level.ts';
import type { Tables } from './tables.ts';

const PAGE = 1000;

/** @throws {StorageError} */
function checkTableName(name: string): void {
  if (name.length < 3 || name.length > 63) {
    throw new StorageError(
      400,
      'OutOfRangeInput',
      'The specified resource name length is not within the permissible limits.',
    );
  }
  if (!/^[A-Za-z][A-Za-z0-9]*$/.test(name) || name.toLowerCase() === 'tables') {
    throw new StorageError(
      400,
      'InvalidResourceName',
      'The specified resource name contains invalid characters.',
    );
  }
}

/** Create Table. */
export function createTable(call: Call, body: Buffer, tables: Tables): Answer {
  let given: unknown;
  try {
    given = JSON.parse(body.toString());
  } catch {
    throw invalidInput('The body is not JSON.');
  }
  const name = Object(given).TableName as unknown;
  if (typeof name !== 'string') throw propertiesNeedValue();
  checkTableName(name);
  if (tables.find(call.account, name)) throw tableAlreadyExists();
  tables.create(call.account, name);
  const location = `${serviceRoot(call)}/Tables('${name}')`;
  const prefer = headerOf(call, 'prefer')?.toLowerCase();
  if (prefer === 'return-no-content') {
    return {
      status: 204,
      headers: { location, dataserviceid: location, 'preference-applied': 'return-no-content' },
    };
  }
  const level = levelOf(call);
  const metadata = JSON.stringify(`${serviceRoot(call)}/$metadata#Tables/@Element`);
  return {
    status: 201,
    headers: {
      location,
      'content-type': jsonType(level),
      ...(prefer !== undefined && { 'preference-applied': 'return-content' }),
    },
    body: `{${level === 'none' ? '' : `"odata.metadata":${metadata},`}${tableMembers(call, level, name)}}`,
  };
}

function tableMembers(call: Call, level: MetadataLevel, name: string): string {
  const own = `"TableName":${JSON.stringify(name)}`;
  if (level !== 'full') return own;
  const link = `Tables('${name}')`;
  return `"odata.type":"${call.account}.Tables","odata.id":${JSON.stringify(`${serviceRoot(call)}/${link}`)},"odata.editLink":"${link}",${own}`;
}

/** Query Tables. */
export function queryTables(call: Call, tables: Tables): Answer {
  const { query } = call;
  const top = numberQuery(call, '$top', 1, PAGE, PAGE);
  const level = levelOf(call);
  const filter = query.get('$filter')?.trim() ?? '';
  const fits = filter === '' ? () => true : compile(parseFilter(filter));
  const marker = query.get('nexttablename') ?? '';
  let from = marker === '' ? '' : decodeMarker(marker);
  if (from === undefined) throw invalidQuery('NextTableName', marker);
  const names: string[] = [];
  for (;;) {
    const rows = tables.page(call.account, from, PAGE);
    for (const { name } of rows) {
      if (fits((property) => (property === 'TableName' ? { type: 'text', value: name } : undefined)))
        names.push(name);
      if (names.length > top) break;
    }
    const last = rows.at(-1);
    if (names.length > top || rows.length < PAGE || !last) break;
    from = `${last.name}\0`;
  }
  const next = names.length > top ? names.pop() : undefined;
  const metadata = JSON.stringify(`${serviceRoot(call)}/$metadata#Tables`);
  const items = names.map((name) => `{${tableMembers(call, level, name)}}`).join(',');
  return {
    status: 200,
    headers: {
      'content-type': jsonType(level),
      'cache-control': 'no-cache',
      ...(next !== undefined && { 'x-ms-continuation-nexttablename': encodeMarker(next) }),
    },
    body: `{${level === 'none' ? '' : `"odata.metadata":${metadata},`}"value":[${items}]}`,
  };
}
