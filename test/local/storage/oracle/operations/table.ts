import fc from 'fast-check';
import type { WireAnswer, WireRequest } from '../../wire/request.ts';
import type { Language, Session } from '../operation.ts';
import { entityChange, tableBatch } from './table-batch.ts';
import { entityPath, KEYS, resourceOf, type TableStep, tableName, VALUES } from './table-entity.ts';
import { filters } from './table-filters.ts';

const SELECTS = [undefined, 'text', 'text,count', 'PartitionKey,RowKey', 'nothing'] as const;
const LEVELS = ['nometadata', 'minimalmetadata', 'fullmetadata'] as const;
const MATCHES = ['none', 'any', 'last', 'first'] as const;

const kind = <K extends string>(value: K) => fc.constant(value);
const of = <T>(items: readonly T[]) => fc.constantFrom(...items);
const table = fc.oneof({ weight: 14, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) });
const level = fc.oneof(
  { weight: 2, arbitrary: fc.constant<(typeof LEVELS)[number]>('minimalmetadata') },
  { weight: 1, arbitrary: of(LEVELS) },
);
const values = fc.oneof(
  { weight: 20, arbitrary: fc.nat(VALUES.length - 2) },
  { weight: 1, arbitrary: fc.constant(VALUES.length - 1) },
);
const key = {
  table,
  partition: fc.nat(1),
  row: fc.oneof({ weight: 3, arbitrary: fc.nat(1) }, { weight: 1, arbitrary: fc.nat(KEYS.length - 1) }),
};
const change = {
  ...key,
  ...{
    verb: of(['insert', 'replace', 'merge', 'delete'] as const),
    values,
    match: fc.constantFrom(...MATCHES, 'none' as const, 'last' as const),
  },
};

export const tableStep = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: kind('createTable'), table, quiet: fc.boolean(), level }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('deleteTable'), table }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('queryTables'), level }) },
  { weight: 14, arbitrary: fc.record({ kind: kind('change'), ...change, quiet: fc.boolean(), level }) },
  { weight: 5, arbitrary: fc.record({ kind: kind('get'), ...key, select: of(SELECTS), level }) },
  {
    weight: 8,
    arbitrary: fc.record({
      ...{ kind: kind('query'), table, filter: fc.option(filters), select: of(SELECTS), level },
      ...{ top: fc.constantFrom(undefined, 1, 2, 1000), goOn: fc.boolean() },
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      ...{ kind: kind('batch'), table, partition: fc.nat(1) },
      changes: fc.array(fc.record(change), { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: kind('refused'),
      ...key,
      authorisation: fc.constantFrom('none', 'stranger'),
    }),
  },
);

const listOf = (step: TableStep): string => JSON.stringify([step.table, step.filter, step.top]);

export const tableLanguage: Language<TableStep> = {
  request: (step, session) => ({ service: 'table', ...make(step, session) }),
  note(step, answer, { memory }) {
    if (step.kind === 'query') memory.noteMarker(listOf(step), continuation(answer));
    if (step.kind === 'change' && answer.status < 300) {
      memory.noteEtag(resourceOf(step), answer.headers.etag);
    }
  },
};

function continuation({ headers }: WireAnswer): Record<string, string> | undefined {
  const partition = headers['x-ms-continuation-nextpartitionkey'];
  const row = headers['x-ms-continuation-nextrowkey'];
  if (partition === undefined) return undefined;
  return { NextPartitionKey: partition, ...(row !== undefined && { NextRowKey: row }) };
}

function make(step: TableStep, session: Session): Omit<WireRequest, 'service'> {
  const name = tableName(step, session);
  const accept = {
    accept: `application/json;odata=${step.level ?? 'minimalmetadata'}`,
    dataserviceversion: '3.0',
  };
  switch (step.kind) {
    case 'createTable':
      return {
        ...{ method: 'POST', path: '/Tables', body: JSON.stringify({ TableName: name }) },
        headers: {
          ...accept,
          'content-type': 'application/json',
          ...(step.quiet && { prefer: 'return-no-content' }),
        },
      };
    case 'deleteTable':
      return { method: 'DELETE', path: `/Tables('${name}')`, headers: accept };
    case 'queryTables': {
      const start = session.space.replaceAll('-', '');
      return {
        ...{ method: 'GET', path: '/Tables', headers: accept },
        query: { $filter: `TableName ge '${start}' and TableName lt '${start}u'` },
      };
    }
    case 'change':
      return entityChange(step, session, accept);
    case 'get':
      return {
        ...{ method: 'GET', path: entityPath(step, session), headers: accept },
        query: step.select ? { $select: step.select } : {},
      };
    case 'refused':
      return { method: 'GET', path: entityPath(step, session), authorisation: step.authorisation ?? 'none' };
    case 'query':
      return {
        ...{ method: 'GET', path: `/${name}()`, headers: accept },
        query: {
          ...(step.filter && { $filter: step.filter }),
          ...(step.select && { $select: step.select }),
          ...(step.top !== undefined && { $top: String(step.top) }),
          ...(step.goOn && session.memory.marker(listOf(step))),
        },
      };
    case 'batch':
      return tableBatch(step, session);
    default:
      throw new Error(`No request is known for "${step.kind}".`);
  }
}
