import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { type Addresses, operationOf } from './operations.ts';

/** Calls by `service: operation`. */
export type Counts = Record<string, number>;

/** Counts every HTTP request that leaves this process, retries included, by Node's own channels. */
export class CallCounter {
  readonly #addresses: Addresses;
  #counts: Counts = {};

  constructor(addresses: Addresses) {
    this.#addresses = addresses;
    // Storage's SDKs send by node:http, the vision client by fetch.
    subscribe('http.client.request.start', this.#onHttp);
    subscribe('undici:request:create', this.#onFetch);
  }

  /** What was counted since the last time. */
  take(): Counts {
    const counts = this.#counts;
    this.#counts = {};
    return counts;
  }

  /** Does what is no part of what is measured. */
  async aside<T>(work: () => Promise<T>): Promise<T> {
    const counts = this.#counts;
    this.#counts = {};
    try {
      return await work();
    } finally {
      this.#counts = counts;
    }
  }

  close(): void {
    unsubscribe('http.client.request.start', this.#onHttp);
    unsubscribe('undici:request:create', this.#onFetch);
  }

  readonly #onHttp = (message: unknown): void => {
    const { request } = message as { request: ClientRequest };
    this.#count({
      host: String(request.getHeader('host')),
      method: request.method,
      path: request.path,
      conditional: request.getHeader('if-match') !== undefined,
    });
  };

  readonly #onFetch = (message: unknown): void => {
    const { request } = message as { request: { origin: string | URL; method: string; path: string } };
    const { host } = new URL(request.origin);
    this.#count({ host, method: request.method, path: request.path, conditional: false });
  };

  #count(request: Parameters<typeof operationOf>[0]): void {
    const { service, name } = operationOf(request, this.#addresses);
    const key = `${service}: ${name}`;
    this.#counts[key] = (this.#counts[key] ?? 0) + 1;
  }
}

const STORAGE = /^(blob|queue|table): /;
const VISION = /^(vision|face): /;

const sumWhere = (counts: Counts, pattern: RegExp): number =>
  Object.entries(counts).reduce((sum, [key, count]) => (pattern.test(key) ? sum + count : sum), 0);

export const storageCalls = (counts: Counts): number => sumWhere(counts, STORAGE);
export const visionCalls = (counts: Counts): number => sumWhere(counts, VISION);
