import type { Call } from '../http/call.ts';
import { tableMethodOf, tableNameOf } from '../table/target.ts';

/** What a signature must allow for a request. */
export interface Needed {
  /** Whether it is about the service, a container (queue, table) or an object in one. */
  readonly level: 's' | 'c' | 'o';
  /** Any of these sets of letters is enough; none is: the account's key alone may. */
  readonly anyOf: readonly string[];
}

const needs = (level: Needed['level'], ...anyOf: readonly string[]): Needed => ({ level, anyOf });
const NEVER = needs('c');

/** By the service's tables of operations and permissions. */
export function neededFor(call: Call): Needed {
  switch (call.service) {
    case 'blob':
      return ofBlob(call);
    case 'queue':
      return ofQueue(call);
    case 'table':
      return ofTable(call);
  }
}

const isRead = ({ method }: Call): boolean => method === 'GET' || method === 'HEAD';

function ofService(call: Call): Needed {
  if (call.query.get('comp') === 'list') return needs('s', 'l');
  return isRead(call) ? needs('s', 'r') : needs('s', 'w');
}

function ofBlob(call: Call): Needed {
  const { method, query, rawResource } = call;
  const comp = query.get('comp');
  // Each request of a batch brings a signature of its own.
  if (comp === 'batch') return needs('s', '');
  if (rawResource === '') return ofService(call);
  const slash = rawResource.indexOf('/');
  if (slash < 0 || slash === rawResource.length - 1) {
    if (comp === 'list') return needs('c', 'l');
    if (comp === 'acl') return NEVER;
    if (isRead(call)) return needs('c', 'r');
    if (method === 'DELETE') return needs('c', 'd');
    return comp === undefined ? needs('c', 'c', 'w') : needs('c', 'w');
  }
  if (isRead(call)) return needs('o', 'r');
  if (method === 'DELETE') return needs('o', 'd');
  return comp === undefined || comp === 'block' || comp === 'blocklist'
    ? needs('o', 'w', 'c')
    : needs('o', 'w');
}

function ofQueue(call: Call): Needed {
  const { method, query, rawResource } = call;
  const [queue, messages, id] = rawResource.split('/');
  if (queue === '') return ofService(call);
  if (messages === undefined) {
    if (query.get('comp') === 'acl') return NEVER;
    if (isRead(call)) return needs('c', 'r');
    if (method === 'DELETE') return needs('c', 'd');
    return query.get('comp') === undefined ? needs('c', 'c', 'w') : needs('c', 'w');
  }
  if (id !== undefined) return method === 'DELETE' ? needs('o', 'p') : needs('o', 'u');
  if (method === 'POST') return needs('o', 'a');
  if (method === 'DELETE') return needs('o', 'd');
  return query.get('peekonly')?.toLowerCase() === 'true' ? needs('o', 'r') : needs('o', 'p');
}

function ofTable(call: Call): Needed {
  const { query, rawResource, headers } = call;
  const method = tableMethodOf(call);
  // Looked at request by request.
  if (rawResource === '$batch') return needs('o', '');
  if (rawResource === '') return ofService(call);
  if (tableNameOf(rawResource) === 'Tables') {
    if (method === 'GET') return needs('c', 'l');
    return method === 'DELETE' ? needs('c', 'd') : needs('c', 'c', 'w');
  }
  if (query.get('comp') === 'acl') return NEVER;
  if (method === 'GET') return needs('o', 'r');
  if (method === 'POST') return needs('o', 'a');
  if (method === 'DELETE') return needs('o', 'd');
  return headers['if-match'] === undefined ? needs('o', 'au') : needs('o', 'u');
}
