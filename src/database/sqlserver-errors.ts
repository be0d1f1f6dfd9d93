import { OutageError } from '../domain/errors.ts';

/** Unique constraint and unique index. */
const DUPLICATE_KEY = new Set([2601, 2627]);
/** Deadlock victim, lock request timed out, snapshot update conflict: run it again. */
const CONTENTION = new Set([1205, 1222, 3960]);
/**
 * The database is away for a while or asks for fewer requests: Microsoft's list of transient errors of Azure SQL
 * ("Troubleshoot common connection issues", April 2024).
 */
const TRANSIENT = new Set([
  40197, 40501, 40613, 49918, 49919, 49920, 4221, 615, 926, 4060, 10928, 10929, 10053, 10054, 10060,
]);
/** The server speaks but does not let us in, or is full: no use to try again at once, a person may mend it. */
const REFUSED = new Set([18456, 18452, 916, 1105, 9002, 40544]);
/** Codes of mssql, tedious and Node for a connection that failed, and of the pool for having none left. */
const CONNECTION = new Set([
  'ESOCKET',
  'ECONNCLOSED',
  'ECONNRESET',
  'ECONNREFUSED',
  'ETIMEOUT',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENOTOPEN',
  'ENOCONN',
  'EINSTLOOKUP',
  'ELOGIN',
  'EFEDAUTH',
  'EINVALIDSTATE',
  'ECANCEL',
  'EABORT',
]);

type FailureKind = 'duplicate' | 'contention' | 'outage' | 'refused' | 'other';

interface DriverError {
  name?: unknown;
  code?: unknown;
  number?: unknown;
  originalError?: unknown;
  info?: { number?: unknown };
  precedingErrors?: unknown;
  errors?: unknown;
}

/** An error and those it wraps or follows, outermost first: the number that matters is often not on the last one. */
function* chain(error: unknown, depth = 0): Generator<DriverError> {
  if (typeof error !== 'object' || error === null || depth > 5) return;
  const driver = error as DriverError;
  yield driver;
  yield* chain(driver.originalError, depth + 1);
  for (const many of [driver.precedingErrors, driver.errors]) {
    if (Array.isArray(many)) for (const one of many) yield* chain(one, depth + 1);
  }
}

const numbers = (error: unknown): number[] =>
  [...chain(error)]
    .flatMap(({ number, info }) => [number, info?.number])
    .filter((found): found is number => typeof found === 'number');

export function classify(error: unknown): FailureKind {
  const all = numbers(error);
  if (all.some((one) => CONTENTION.has(one))) return 'contention';
  if (all.some((one) => DUPLICATE_KEY.has(one))) return 'duplicate';
  if (all.some((one) => TRANSIENT.has(one))) return 'outage';
  if (all.some((one) => REFUSED.has(one))) return 'refused';
  for (const { code, name } of chain(error)) {
    if (code === 'ELOGIN' || code === 'EFEDAUTH') return 'refused';
    if (typeof code === 'string' && CONNECTION.has(code)) return 'outage';
    // tarn, the pool below mssql, gives its time-out no code
    if (name === 'TimeoutError') return 'outage';
    // @azure/identity, when no token can be had
    if (name === 'CredentialUnavailableError' || name === 'AggregateAuthenticationError') return 'refused';
  }
  return 'other';
}

/** The server's own words may quote values and names: only codes are kept. */
export function translate(error: unknown): unknown {
  const kind = classify(error);
  if (kind === 'other') return error;
  const code = [...chain(error)].map(({ code }) => code).find((code) => typeof code === 'string');
  const detail = [...new Set([code, ...numbers(error)])].filter((part) => part !== undefined).join(' ');
  const sentence = {
    // Each try found a row that another transaction had inserted since: one more of the ways to lose a race.
    duplicate: 'Others kept writing the same rows of SQL Server',
    contention: 'SQL Server kept choosing this transaction as the victim of a deadlock or lock',
    outage: 'SQL Server cannot be reached or is busy',
    refused:
      'SQL Server refused the connection: look at SQL_CONNECTION_STRING, or at the rights of the identity',
  }[kind];
  return new OutageError(`${sentence}${detail === '' ? '' : ` (${detail})`}.`, {
    code: 'ResultStoreUnavailable',
    cause: error,
  });
}
