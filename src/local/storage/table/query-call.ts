import type { Answer } from '../http/answer.ts';
import type { Call } from '../http/call.ts';
import { decodeMarker, encodeMarker } from '../http/listing.ts';
import { numberQuery } from '../http/number-query.ts';
import { invalidQuery } from '../http/storage-error.ts';
import type { Entities, EntityRow } from './entities.ts';
import { type Properties, typedProperty } from './entity.ts';
import { compile, type Lookup } from './filter/evaluate.ts';
import { compareBounds, type KeyBound, type KeyRange, rangeOf } from './filter/key-range.ts';
import { parseFilter } from './filter/parser.ts';
import { entityMembers, jsonType, levelOf, selectOf, serviceRoot } from './metadata-level.ts';
import type { TableRow } from './tables.ts';
import type { TypedValue } from './typed-value.ts';

const PAGE = 1000;
/** A query that looks at many rows for few gives others their turn, and goes on with the next page. */
const LONGEST_TURN_MS = 25;
const LOOK_AT_CLOCK_EVERY = 32;
/** What one answer may hold, in characters. */
const LARGEST_ANSWER = 4 * 1024 * 1024;

/** Query Entities. */
export function queryEntities(call: Call, table: TableRow, entities: Entities): Answer {
  const { query } = call;
  const top = numberQuery(call, '$top', 1, PAGE, PAGE);
  const level = levelOf(call);
  const select = selectOf(call);
  const filter = query.get('$filter')?.trim() ?? '';
  const expression = filter === '' ? undefined : parseFilter(filter);
  const fits = expression && compile(expression);
  const range = expression ? rangeOf(expression) : {};
  const from = later(range.from, continuationOf(call));
  const limits = { ...range, ...(from && { from }) };

  const items: string[] = [];
  let [length, looked] = [0, 0];
  let next: EntityRow | undefined;
  const until = performance.now() + LONGEST_TURN_MS;
  for (const row of within(entities, table.number, limits, call.permit.range)) {
    const late = looked % LOOK_AT_CLOCK_EVERY === LOOK_AT_CLOCK_EVERY - 1 && performance.now() > until;
    if (items.length === top || length > LARGEST_ANSWER || late) {
      next = row;
      break;
    }
    looked += 1;
    if (fits && !fits(lookupOf(row))) continue;
    const item = `{${entityMembers(call, level, table.name, row, select)}}`;
    items.push(item);
    length += item.length;
  }
  const metadata = `${serviceRoot(call)}/$metadata#${table.name}`;
  return {
    status: 200,
    headers: {
      'content-type': jsonType(level),
      'cache-control': 'no-cache',
      ...(next && {
        'x-ms-continuation-nextpartitionkey': encodeMarker(next.pk),
        'x-ms-continuation-nextrowkey': encodeMarker(next.rk),
      }),
    },
    body: `{${level === 'none' ? '' : `"odata.metadata":${JSON.stringify(metadata)},`}"value":[${items.join(',')}]}`,
  };
}

function* within(
  entities: Entities,
  owner: number,
  { from, to }: KeyRange,
  permitted: Call['permit']['range'],
): Generator<EntityRow> {
  for (const row of entities.from(owner, from)) {
    const place = { pk: row.pk, rk: row.rk, behind: false };
    if (to && compareBounds(place, to) >= 0) return;
    // What the query begins at is a place behind the row itself, or behind its partition.
    if (from && compareBounds(place, from) < 0) continue;
    if (permitted && !isPermitted(permitted, row)) continue;
    yield row;
  }
}

/** Whether a table's signature reaches a row. */
export function isPermitted(
  { startPk, startRk, endPk, endRk }: NonNullable<Call['permit']['range']>,
  { pk, rk }: { pk: string; rk: string },
): boolean {
  if (startPk !== undefined && (pk < startPk || (pk === startPk && startRk !== undefined && rk < startRk)))
    return false;
  return !(endPk !== undefined && (pk > endPk || (pk === endPk && endRk !== undefined && rk > endRk)));
}

function continuationOf({ query }: Call): KeyBound | undefined {
  const pk = query.get('nextpartitionkey');
  if (pk === undefined || pk === '') return undefined;
  const rk = query.get('nextrowkey') ?? '';
  const [partition, row] = [decodeMarker(pk), rk === '' ? '' : decodeMarker(rk)];
  if (partition === undefined) throw invalidQuery('NextPartitionKey', pk);
  if (row === undefined) throw invalidQuery('NextRowKey', rk);
  return { pk: partition, rk: row, behind: false };
}

const later = (one: KeyBound | undefined, other: KeyBound | undefined): KeyBound | undefined => {
  if (!one || !other) return one ?? other;
  return compareBounds(one, other) > 0 ? one : other;
};

function lookupOf(row: EntityRow): Lookup {
  let properties: Properties | undefined;
  return (name): TypedValue | undefined => {
    if (name === 'PartitionKey') return { type: 'text', value: row.pk };
    if (name === 'RowKey') return { type: 'text', value: row.rk };
    if (name === 'Timestamp') return { type: 'moment', value: row.stamp };
    properties ??= JSON.parse(row.properties) as Properties;
    return typedProperty(properties, name);
  };
}
