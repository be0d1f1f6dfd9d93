import { randomUUID } from 'node:crypto';
import { type Call, headerOf } from '../http/call.ts';
import { invalidHeader, missingHeader } from '../http/storage-error.ts';
import { acquire, breakLease, change, type Lease, release, renew } from './lease.ts';

/** Ids are compared in one form, whatever the client's. */
export const leaseIdOf = (call: Call, name = 'x-ms-lease-id'): string | undefined => {
  const id = headerOf(call, name)?.toLowerCase();
  if (id !== undefined && !/^\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/.test(id)) {
    throw invalidHeader(name, id);
  }
  return id;
};

function required(call: Call, name: string): string {
  const id = leaseIdOf(call, name);
  if (id === undefined) throw missingHeader(name);
  return id;
}

function seconds(call: Call, name: string, fits: (value: number) => boolean): number | undefined {
  const text = headerOf(call, name);
  if (text === undefined) return undefined;
  if (!/^-?\d{1,9}$/.test(text) || !fits(Number(text))) throw invalidHeader(name, text);
  return Number(text);
}

/** Lease Blob and Lease Container: what the lease becomes, and how to say so. @throws {StorageError} */
export function leaseCall(
  call: Call,
  lease: Lease | undefined,
): { lease: Lease | undefined; status: number; headers: Record<string, string> } {
  const { now } = call;
  const action = headerOf(call, 'x-ms-lease-action')?.toLowerCase();
  switch (action) {
    case undefined:
      throw missingHeader('x-ms-lease-action');
    case 'acquire': {
      const duration = seconds(call, 'x-ms-lease-duration', (s) => s === -1 || (s >= 15 && s <= 60));
      if (duration === undefined) throw missingHeader('x-ms-lease-duration');
      const id = leaseIdOf(call, 'x-ms-proposed-lease-id') ?? randomUUID();
      return { lease: acquire(lease, id, duration, now), status: 201, headers: { 'x-ms-lease-id': id } };
    }
    case 'renew': {
      const id = required(call, 'x-ms-lease-id');
      return { lease: renew(lease, id, now), status: 200, headers: { 'x-ms-lease-id': id } };
    }
    case 'change': {
      const proposed = required(call, 'x-ms-proposed-lease-id');
      const changed = change(lease, required(call, 'x-ms-lease-id'), proposed, now);
      return { lease: changed, status: 200, headers: { 'x-ms-lease-id': proposed } };
    }
    case 'release':
      return { lease: release(lease, required(call, 'x-ms-lease-id')), status: 200, headers: {} };
    case 'break': {
      const period = seconds(call, 'x-ms-lease-break-period', (s) => s >= 0 && s <= 60);
      const broken = breakLease(lease, period, now);
      return {
        lease: broken.lease,
        status: 202,
        headers: { 'x-ms-lease-time': String(broken.seconds) },
      };
    }
    default:
      throw invalidHeader('x-ms-lease-action', action);
  }
}
