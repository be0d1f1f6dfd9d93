import type { KeyObject } from 'node:crypto';
import type { Call, KeyRange, Permit, SasScope, ServiceName } from '../http/call.ts';
import { authenticationFailed, invalidQuery, StorageError } from '../http/storage-error.ts';
import { tableNameOf } from '../table/target.ts';
import { findPolicy } from './access-policy.ts';
import { type Needed, neededFor } from './needed-permission.ts';
import { sasText } from './sas-text.ts';
import { sameSignature, sign } from './signature.ts';

/** Gives the access policies of what a call addresses, as kept. */
export type Policies = (call: Call) => string;

const LETTERS: Readonly<Record<ServiceName, string>> = { blob: 'b', queue: 'q', table: 't' };
const LOOPBACK = '127.0.0.1';

const forbidden = (what: string, sentence: string): StorageError =>
  new StorageError(403, what, `This request is not authorized to perform this operation${sentence}.`);

/** What a shared access signature allows, if it allows this request. @throws {StorageError} */
export function permitOfSas(call: Call, keys: readonly KeyObject[], policies: Policies): Permit {
  const { query, now } = call;
  const scope = scopeOf(call);
  const text = scope && sasText(call, scope);
  if (scope === undefined || text === undefined || query.has('skoid')) {
    throw authenticationFailed('The signature is of a kind that is not known here.');
  }
  const given = query.get('sig') ?? '';
  if (!keys.some((key) => sameSignature(sign(key, text), given))) {
    throw authenticationFailed('The signature does not fit its fields and the keys of this account.');
  }
  const id = query.get('si');
  const policy = id === undefined || id === '' ? undefined : findPolicy(policies(call), id);
  if (id !== undefined && id !== '' && !policy)
    throw authenticationFailed('There is no access policy of that id.');
  const starts = query.get('st') ?? policy?.starts;
  const expires = query.get('se') ?? policy?.expires;
  const permissions = query.get('sp') ?? policy?.permissions;
  if (expires === undefined || permissions === undefined) {
    throw authenticationFailed(
      'The signature says neither itself nor by a policy until when and for what it is.',
    );
  }
  if (starts !== undefined && !(Date.parse(starts) <= now))
    throw authenticationFailed('The signature is not valid yet.');
  if (!(Date.parse(expires) > now)) throw authenticationFailed('The signature has expired.');
  if (query.get('spr') === 'https') throw forbidden('AuthorizationProtocolMismatch', ' using this protocol');
  if (!reaches(query.get('sip'))) throw forbidden('AuthorizationSourceIPMismatch', ' using this source IP');
  const permit: Permit = {
    ...{ permissions, scope, ...overridesOf(call), ...rangeOf(call, scope) },
    ...(scope === 'account' && { levels: query.get('srt') ?? '' }),
    ...(scope === 'table' && { table: (query.get('tn') ?? '').toLowerCase() }),
  };
  if (scope === 'account') checkAccount(call);
  checkPermission({ ...call, permit });
  return permit;
}

function scopeOf({ service, query }: Call): SasScope | undefined {
  if (query.has('ss')) return 'account';
  if (service !== 'blob') return service;
  return ({ b: 'blob', c: 'container' } as const)[query.get('sr') ?? ''];
}

function checkAccount(call: Call): void {
  const { query, service } = call;
  if (!query.get('ss')?.includes(LETTERS[service])) {
    throw forbidden('AuthorizationServiceMismatch', ' using this service');
  }
}

/**
 * Whether the permit of a call, one within a batch too, covers what it does. The signature's fields are those of the
 * permit: the address of a request within a batch may claim others.
 *
 * @throws {StorageError}
 */
export function checkPermission(call: Call): void {
  const { permissions, scope, levels } = call.permit;
  if (permissions === undefined) return;
  const needed = neededFor(call);
  if (scope === 'account') {
    if (!levels?.includes(needed.level)) {
      throw forbidden('AuthorizationResourceTypeMismatch', ' using this resource type');
    }
  } else if (!isWithin(call, needed)) {
    throw forbidden('AuthorizationFailure', '');
  }
  if (!needed.anyOf.some((letters) => [...letters].every((letter) => permissions.includes(letter)))) {
    throw forbidden('AuthorizationPermissionMismatch', ' using this permission');
  }
}

/** What a signature for one container, queue or table reaches at all. */
function isWithin({ permit, rawResource }: Call, { level, anyOf }: Needed): boolean {
  const { scope, table } = permit;
  if (level === 'o') {
    if (scope !== 'table' || rawResource === '$batch') return true;
    return tableNameOf(rawResource).toLowerCase() === table;
  }
  if (scope === 'container') return anyOf.includes('l');
  return scope === 'queue' && level === 'c' && anyOf.includes('r');
}

function overridesOf({ query }: Call): Pick<Permit, 'overrides'> {
  const overrides: Record<string, string> = {};
  for (const [name, header] of OVERRIDES) {
    const value = query.get(name);
    if (value === undefined) continue;
    if (/[\0-\x08\x0a-\x1f\x7f]/.test(value)) throw invalidQuery(name, value);
    // Headers are bytes: a file's name in any language goes as UTF-8.
    overrides[header] = Buffer.from(value).toString('latin1');
  }
  return Object.keys(overrides).length > 0 ? { overrides } : {};
}

const OVERRIDES = [
  ['rscc', 'cache-control'],
  ['rscd', 'content-disposition'],
  ['rsce', 'content-encoding'],
  ['rscl', 'content-language'],
  ['rsct', 'content-type'],
] as const;

function rangeOf({ query }: Call, scope: SasScope): Pick<Permit, 'range'> {
  if (scope !== 'table') return {};
  const range: Record<string, string> = {};
  for (const [name, field] of RANGE) {
    const value = query.get(name);
    if (value !== undefined) range[field] = value;
  }
  return Object.keys(range).length > 0 ? { range: range as KeyRange } : {};
}

const RANGE = [
  ['spk', 'startPk'],
  ['srk', 'startRk'],
  ['epk', 'endPk'],
  ['erk', 'endRk'],
] as const;

/** All requests come from this machine. @param range one address, or two with a hyphen between */
function reaches(range: string | undefined): boolean {
  if (range === undefined || range === '') return true;
  const [from = '', to = from] = range.split('-');
  const number = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return number(from) <= number(LOOPBACK) && number(LOOPBACK) <= number(to);
}
