import type { ServerResponse } from 'node:http';
import type { Random } from '../../../src/domain/ports.ts';
import type { Service } from './calls.ts';

/**
 * What a network and a service under stress do to a request.
 *
 * | Fault | The caller sees | The service |
 * |---|---|---|
 * | `throttled` | 429 with `Retry-After: 1` | never heard of it |
 * | `throttled-silently` | 429 without | never heard of it |
 * | `error` | 500 | never heard of it |
 * | `unavailable` | 503 | never heard of it |
 * | `reset` | a connection that breaks before any answer | never heard of it |
 * | `lost` | a connection that breaks before any answer | did it |
 * | `half` | half of the answer, then a broken connection | did it |
 * | `wrong-type` | 200 with a page of HTML | never heard of it |
 * | `stall` | nothing, for as long as it cares to wait | never heard of it |
 * | `slow` | the answer, a second late | did it |
 */
export const FAULTS = [
  'throttled',
  'throttled-silently',
  'error',
  'unavailable',
  'reset',
  'lost',
  'half',
  'wrong-type',
  'stall',
  'slow',
] as const;
export type Fault = (typeof FAULTS)[number];

export const SLOW_MS = 1000;

/** Faults in which the request reaches the service. */
export const DONE_ALL_THE_SAME: ReadonlySet<Fault> = new Set(['lost', 'half', 'slow']);

/** An answer of a service, as it is passed on. */
export interface WireAnswer {
  status: number;
  headers: Record<string, string | string[]>;
  body: Buffer;
}

/** Statuses and bodies as the services really send them. */
const REFUSALS: Partial<Record<Fault, { status: number; code: string; headers?: Record<string, string> }>> = {
  throttled: { status: 429, code: 'RateLimitExceeded', headers: { 'retry-after': '1' } },
  'throttled-silently': { status: 429, code: 'RateLimitExceeded' },
  error: { status: 500, code: 'InternalServerError' },
  unavailable: { status: 503, code: 'ServerBusy' },
};

/** Plays a fault to the caller. `answer` is what the service said, where it was asked. */
export function play(fault: Fault, service: Service, response: ServerResponse, answer?: WireAnswer): void {
  const refusal = REFUSALS[fault];
  if (refusal) {
    const { status, code, headers = {} } = refusal;
    const xml = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>Injected.</Message></Error>`;
    const json = JSON.stringify({ error: { code, message: 'Injected.' } });
    const inJson = service === 'vision' || service === 'table';
    const body = inJson ? json : xml;
    const type = inJson ? 'application/json' : 'application/xml';
    response.writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      ...headers,
    });
    response.end(body);
    return;
  }
  if (fault === 'wrong-type') {
    const body = '<!DOCTYPE html><title>Welcome to the hotel</title><p>Sign in to use this network.</p>';
    response.writeHead(200, { 'content-type': 'text/html', 'content-length': body.length });
    response.end(body);
    return;
  }
  if (fault === 'half' && answer && answer.body.length > 1) {
    response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
    response.write(answer.body.subarray(0, Math.floor(answer.body.length / 2)), () => response.destroy());
    return;
  }
  if (fault !== 'stall') response.destroy();
}

/** Faults at random, each request with the same chance. */
export interface Weather {
  readonly rate: number;
  readonly kinds: readonly Fault[];
  readonly random: Random;
}
