import type { Answer } from '../http/answer.ts';
import { readBody } from '../http/body.ts';
import type { Call } from '../http/call.ts';
import { aclAnswer, readAcl, ServiceProperties, serviceStats } from '../http/service-calls.ts';
import { invalidInput, invalidUri, unsupportedVerb } from '../http/storage-error.ts';
import type { State } from '../state/state.ts';
import { type BatchRunner, runBatch } from './batch.ts';
import { Entities } from './entities.ts';
import { checkKey, readKeys } from './entity.ts';
import { deleteEntity, getEntity, insertEntity, writeEntity } from './entity-calls.ts';
import { propertiesNeedValue, resourceNotFound, tableNotFound } from './errors.ts';
import { queryEntities } from './query-call.ts';
import { createTable, queryTables } from './table-calls.ts';
import { type TableRow, Tables } from './tables.ts';
import { type TableTarget, tableMethodOf, targetOf } from './target.ts';

const BODY_LIMIT = 4 * 1024 * 1024;

/** Of tables only; web browsers and old clients look for it. */
const HEADERS = { 'x-content-type-options': 'nosniff' };

/** The Table service: which operation a request is. */
export function tableService(state: State): (call: Call) => Promise<Answer> {
  const { group } = state;
  const tables = new Tables(state);
  const entities = new Entities(state);
  const properties = new ServiceProperties(state);

  const existing = ({ account }: Call, name: string): TableRow => {
    const table = tables.find(account, name);
    if (!table) throw tableNotFound();
    return table;
  };

  const onService = async (call: Call): Promise<Answer> => {
    const { method, query } = call;
    if (query.get('restype') !== 'service') throw invalidUri();
    if (query.get('comp') === 'stats' && method === 'GET') return serviceStats();
    if (query.get('comp') !== 'properties') throw invalidUri();
    if (method === 'GET') return group.read(() => properties.get(call));
    if (method !== 'PUT') throw unsupportedVerb();
    const body = await readBody(call, BODY_LIMIT);
    return group.write(() => properties.set(call, body));
  };

  const onTables = async (call: Call, { key }: TableTarget): Promise<Answer> => {
    if (key === undefined) {
      if (call.method === 'GET') return group.read(() => queryTables(call, tables));
      if (call.method !== 'POST') throw unsupportedVerb();
      const body = await readBody(call, BODY_LIMIT);
      return group.write(() => createTable(call, body, tables));
    }
    if (call.method !== 'DELETE') throw unsupportedVerb();
    return group.write(() => {
      const table = tables.find(call.account, key);
      if (!table) throw resourceNotFound();
      tables.remove(table);
      return { status: 204 };
    });
  };

  const onAcl = async (call: Call, name: string): Promise<Answer> => {
    if (call.method === 'GET') return group.read(() => aclAnswer(existing(call, name).acl));
    if (call.method !== 'PUT') throw unsupportedVerb();
    const body = await readBody(call, BODY_LIMIT);
    return group.write(() => {
      tables.setAcl(existing(call, name), readAcl(body));
      return { status: 204 };
    });
  };

  /** One operation on entities, within the group commit. */
  const run = (call: Call, { name, entity }: TableTarget, body: Buffer): Answer => {
    const table = existing(call, name);
    if (!entity) {
      if (call.method === 'GET') return queryEntities(call, table, entities);
      if (call.method === 'POST') return insertEntity(call, body, table, entities);
      throw unsupportedVerb();
    }
    switch (call.method) {
      case 'GET':
        return getEntity(call, entity, table, entities);
      case 'PUT':
      case 'PATCH':
      case 'MERGE':
        checkKey('PartitionKey', entity.pk);
        checkKey('RowKey', entity.rk);
        return writeEntity(call, body, entity, call.method !== 'PUT', table, entities);
      case 'DELETE':
        return deleteEntity(call, entity, table, entities);
      default:
        throw unsupportedVerb();
    }
  };

  const runner: BatchRunner = {
    keysOf: (call, body) => {
      const { name, entity } = targetOf(call.rawResource);
      if (entity) return { table: name, ...entity };
      const { pk, rk } = readKeys(body);
      if (pk === undefined || rk === undefined) throw propertiesNeedValue();
      return { table: name, pk, rk };
    },
    change: (call, body) => {
      if (call.method === 'GET') throw invalidInput('A query cannot be part of a changeset.');
      return run(call, targetOf(call.rawResource), body);
    },
    query: (call) => run(call, targetOf(call.rawResource), Buffer.alloc(0)),
    write: (work) => group.write(work),
    read: (work) => group.read(work),
  };

  const dispatch = async (given: Call): Promise<Answer> => {
    if (given.rawResource === '') return onService(given);
    if (given.rawResource === '$batch') {
      if (given.method !== 'POST') throw unsupportedVerb();
      return runBatch(given, await readBody(given, BODY_LIMIT), runner);
    }
    const method = tableMethodOf(given);
    const call = method === given.method ? given : { ...given, method };
    const target = targetOf(call.rawResource);
    if (target.name === 'Tables') return onTables(call, target);
    if (call.query.get('comp') === 'acl') return onAcl(call, target.name);
    if (call.method === 'GET') return group.read(() => run(call, target, Buffer.alloc(0)));
    const body = await readBody(call, BODY_LIMIT);
    return group.write(() => run(call, target, body));
  };
  return async (call) => {
    const answer = await dispatch(call);
    return { ...answer, headers: { ...HEADERS, ...answer.headers } };
  };
}
