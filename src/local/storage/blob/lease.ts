import { StorageError } from '../http/storage-error.ts';

/** As it is kept, in JSON. Moments in milliseconds since 1970. */
export interface Lease {
  readonly id: string;
  /** Seconds, or -1 for one without an end. */
  readonly duration: number;
  /** When it ends by itself; absent when it does not. */
  readonly until?: number;
  /** Since when, or until when, it is broken. */
  readonly brokenAt?: number;
}

type LeaseState = 'available' | 'leased' | 'expired' | 'breaking' | 'broken';

export const readLease = (text: string | null): Lease | undefined =>
  text === null ? undefined : (JSON.parse(text) as Lease);

export function leaseState(lease: Lease | undefined, now: number): LeaseState {
  if (!lease) return 'available';
  if (lease.brokenAt !== undefined) return lease.brokenAt > now ? 'breaking' : 'broken';
  return lease.until !== undefined && lease.until <= now ? 'expired' : 'leased';
}

/** Whether writes need its id. */
const isHeld = (lease: Lease | undefined, now: number): boolean => {
  const state = leaseState(lease, now);
  return state === 'leased' || state === 'breaking';
};

/**
 * What a write leaves of the lease of what it changes: one that has ended is forgotten, so that whoever held it learns from
 * a renewal that fails that somebody has been there.
 *
 * @param text as it is kept
 */
export const leaseAfterWrite = (text: string | null, now: number): string | null =>
  isHeld(readLease(text), now) ? text : null;

/** How long a lease holds, as listings say it of a container or blob that is leased. */
export const leaseDurationElement = (lease: Lease | undefined, state: LeaseState): string =>
  state === 'leased' ? `<LeaseDuration>${lease?.duration === -1 ? 'infinite' : 'fixed'}</LeaseDuration>` : '';

export function leaseHeaders(lease: Lease | undefined, now: number): Record<string, string> {
  const state = leaseState(lease, now);
  return {
    'x-ms-lease-status': state === 'leased' || state === 'breaking' ? 'locked' : 'unlocked',
    'x-ms-lease-state': state,
    ...(state === 'leased' && { 'x-ms-lease-duration': lease?.duration === -1 ? 'infinite' : 'fixed' }),
  };
}

const conflict = (code: string, message: string): StorageError => new StorageError(409, code, message);
const alreadyPresent = () => conflict('LeaseAlreadyPresent', 'There is already a lease present.');
const notPresent = () =>
  conflict('LeaseNotPresentWithLeaseOperation', 'There is currently no lease on the container or blob.');
const mismatch = () =>
  conflict(
    'LeaseIdMismatchWithLeaseOperation',
    'The lease ID specified did not match the lease ID for the container or blob.',
  );

const lasting = (id: string, duration: number, now: number): Lease => ({
  id,
  duration,
  ...(duration !== -1 && { until: now + duration * 1000 }),
});

/** @throws {StorageError} LeaseAlreadyPresent, LeaseIsBreakingAndCannotBeAcquired */
export function acquire(lease: Lease | undefined, id: string, duration: number, now: number): Lease {
  const state = leaseState(lease, now);
  if (state === 'breaking') {
    if (lease?.id !== id) throw alreadyPresent();
    throw conflict(
      'LeaseIsBreakingAndCannotBeAcquired',
      "There is already a breaking lease, and can't be acquired.",
    );
  }
  if (state === 'leased' && lease?.id !== id) throw alreadyPresent();
  return lasting(id, duration, now);
}

/** @throws {StorageError} LeaseIdMismatchWithLeaseOperation, LeaseIsBrokenAndCannotBeRenewed */
export function renew(lease: Lease | undefined, id: string, now: number): Lease {
  if (!lease || lease.id !== id) throw mismatch();
  const state = leaseState(lease, now);
  if (state === 'breaking' || state === 'broken') {
    throw conflict(
      'LeaseIsBrokenAndCannotBeRenewed',
      'The lease ID matched, but the lease has been broken explicitly and cannot be renewed.',
    );
  }
  return lasting(id, lease.duration, now);
}

/** @throws {StorageError} LeaseNotPresentWithLeaseOperation, LeaseIdMismatchWithLeaseOperation and more */
export function change(lease: Lease | undefined, id: string, proposed: string, now: number): Lease {
  const state = leaseState(lease, now);
  if (!lease || state === 'expired' || state === 'broken') throw notPresent();
  if (state === 'breaking') {
    if (lease.id !== id && lease.id !== proposed) throw mismatch();
    throw conflict(
      'LeaseIsBreakingAndCannotBeChanged',
      'The lease ID matched, but the lease is currently in breaking state and cannot be changed.',
    );
  }
  // Asked again, it has the proposed id already.
  if (lease.id !== id && lease.id !== proposed) throw mismatch();
  return { ...lease, id: proposed };
}

/** @throws {StorageError} LeaseIdMismatchWithLeaseOperation */
export function release(lease: Lease | undefined, id: string): undefined {
  if (!lease || lease.id !== id) throw mismatch();
  return undefined;
}

/**
 * @param period seconds that it may last still; what it has left when absent
 * @throws {StorageError} LeaseNotPresentWithLeaseOperation
 */
export function breakLease(
  lease: Lease | undefined,
  period: number | undefined,
  now: number,
): { lease: Lease; seconds: number } {
  const state = leaseState(lease, now);
  if (!lease) throw notPresent();
  if (state === 'expired' || state === 'broken') {
    return { lease: { ...lease, brokenAt: Math.min(lease.brokenAt ?? now, now) }, seconds: 0 };
  }
  const left = lease.brokenAt ?? lease.until ?? (period === undefined ? now : Number.POSITIVE_INFINITY);
  const brokenAt = Math.min(left, period === undefined ? left : now + period * 1000);
  return { lease: { ...lease, brokenAt }, seconds: Math.ceil((brokenAt - now) / 1000) };
}

const precondition = (code: string, message: string): StorageError => new StorageError(412, code, message);

/**
 * Whether a change may go on beside a lease.
 *
 * @param given id that the request names
 * @throws {StorageError} LeaseIdMissing, LeaseIdMismatchWith..., LeaseNotPresentWith...
 */
export function checkLease(
  lease: Lease | undefined,
  given: string | undefined,
  now: number,
  of: 'blob' | 'container',
): void {
  const Of = of === 'blob' ? 'Blob' : 'Container';
  if (!isHeld(lease, now)) {
    if (given === undefined) return;
    throw precondition(
      `LeaseNotPresentWith${Of}Operation`,
      lease
        ? `A lease ID was specified, but the lease for the ${of} has expired.`
        : `There is currently no lease on the ${of}.`,
    );
  }
  if (given === undefined) {
    throw precondition(
      'LeaseIdMissing',
      `There is currently a lease on the ${of} and no lease ID was specified in the request.`,
    );
  }
  checkGivenLease(lease, given, now, of);
}

/** Whether a read may go on: it needs no id, but one that is given must be right. @throws {StorageError} */
export function checkGivenLease(
  lease: Lease | undefined,
  given: string | undefined,
  now: number,
  of: 'blob' | 'container',
): void {
  if (given === undefined) return;
  if (!isHeld(lease, now)) {
    checkLease(lease, given, now, of);
    return;
  }
  if (lease?.id === given) return;
  throw precondition(
    `LeaseIdMismatchWith${of === 'blob' ? 'Blob' : 'Container'}Operation`,
    `The lease ID specified did not match the lease ID for the ${of}.`,
  );
}
