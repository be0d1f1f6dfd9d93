import fc from 'fast-check';
import type { Memory } from '../memory.ts';

/** Names of preconditions; which ETag is meant is looked up when the request is made. */
export const CONDITIONS = {
  none: () => ({}),
  matchLast: (memory: Memory, key: string) => ({ 'if-match': memory.etag(key, 'last') }),
  matchFirst: (memory: Memory, key: string) => ({ 'if-match': memory.etag(key, 'first') }),
  matchAny: () => ({ 'if-match': '*' }),
  noneMatchAny: () => ({ 'if-none-match': '*' }),
  noneMatchLast: (memory: Memory, key: string) => ({ 'if-none-match': memory.etag(key, 'last') }),
  noneMatchFirst: (memory: Memory, key: string) => ({ 'if-none-match': memory.etag(key, 'first') }),
  modifiedSincePast: () => ({ 'if-modified-since': 'Wed, 01 Jan 2020 00:00:00 GMT' }),
  modifiedSinceFuture: () => ({ 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' }),
  unmodifiedSincePast: () => ({ 'if-unmodified-since': 'Wed, 01 Jan 2020 00:00:00 GMT' }),
  unmodifiedSinceFuture: () => ({ 'if-unmodified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' }),
} as const satisfies Record<string, (memory: Memory, key: string) => Record<string, string>>;

export type Condition = keyof typeof CONDITIONS;

export const condition: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Condition>('none') },
  { weight: 4, arbitrary: fc.constantFrom(...(Object.keys(CONDITIONS) as Condition[])) },
);

/** Of containers only times are documented as preconditions. */
export const containerCondition: fc.Arbitrary<Condition> = fc.constantFrom<Condition[]>(
  ...(['none', 'none', 'none', 'modifiedSincePast', 'unmodifiedSincePast', 'unmodifiedSinceFuture'] as const),
);

const LEASES = [
  undefined,
  '11111111-1111-4111-8111-111111111111',
  '22222222-2222-4222-8222-222222222222',
] as const;

/** Which of the lease ids a request carries; 0 for none. */
export const lease = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constantFrom(1, 2) },
);

export const leaseHeader = (index: number): Record<string, string> => {
  const id = LEASES[index];
  return id === undefined ? {} : { 'x-ms-lease-id': id };
};

export const LEASE_ACTIONS = [
  'acquire',
  'acquireForever',
  'renew',
  'change',
  'release',
  'break',
  'breakAtOnce',
] as const;
export type LeaseAction = (typeof LEASE_ACTIONS)[number];

/** Headers of one lease request; every acquired lease has a proposed id, so that both services know it by the same. */
export function leaseRequest(action: LeaseAction, own: number, other: number): Record<string, string> {
  const id = LEASES[own || 1] ?? '';
  const proposed = LEASES[other || 2] ?? '';
  switch (action) {
    case 'acquire':
      return { 'x-ms-lease-action': 'acquire', 'x-ms-lease-duration': '60', 'x-ms-proposed-lease-id': id };
    case 'acquireForever':
      return { 'x-ms-lease-action': 'acquire', 'x-ms-lease-duration': '-1', 'x-ms-proposed-lease-id': id };
    case 'change':
      return { 'x-ms-lease-action': 'change', 'x-ms-lease-id': id, 'x-ms-proposed-lease-id': proposed };
    case 'break':
      return { 'x-ms-lease-action': 'break' };
    case 'breakAtOnce':
      return { 'x-ms-lease-action': 'break', 'x-ms-lease-break-period': '0' };
    case 'renew':
    case 'release':
      return { 'x-ms-lease-action': action, 'x-ms-lease-id': id };
  }
}
