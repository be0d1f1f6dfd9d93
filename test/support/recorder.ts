import type { Service, WireRequest } from '../reliability/wire/calls.ts';
import { queueOf, storeOf } from '../reliability/wire/calls.ts';
import { type ReverseProxy, startProxy } from '../reliability/wire/proxy.ts';
import type { Emulator } from './emulator.ts';

/** Something that happened. Ticks count up: a call had its answer before another began where `ended` is lower. */
export interface Call {
  /**
   * A request: kind, store and, of what is JSON or a table row, its key and body: `table merge pipelinelogs
   * (PartitionKey='a',RowKey='b') {"jobSent":true}`. Or what a test noted of its own process.
   */
  readonly what: string;
  readonly began: number;
  ended: number;
  /** 0 of what is no request. */
  status: number;
  /** The value of `If-Match` or `If-None-Match`. */
  readonly condition: string | undefined;
}

/**
 * Writes down every request to storage and to the vision service, in their order, as they pass by on the wire, beside
 * what the test notes of calls within the process (the database, a step).
 */
export class Recorder {
  readonly calls: Call[] = [];
  readonly connectionString: string;
  readonly engineUrl: string;
  /** Asked before a request goes on, which it holds up. */
  meddle: (call: Call, request: WireRequest) => Promise<void> = async () => {};
  readonly #proxies: ReverseProxy[];
  #tick = 0;

  private constructor(parts: Pick<Recorder, 'connectionString' | 'engineUrl'> & { proxies: ReverseProxy[] }) {
    this.connectionString = parts.connectionString;
    this.engineUrl = parts.engineUrl;
    this.#proxies = parts.proxies;
  }

  static async open(
    emulator: Pick<Emulator, 'connectionString' | 'ports'>,
    engine?: string,
  ): Promise<Recorder> {
    let recorder: Recorder | undefined;
    const open = new WeakMap<WireRequest, Call>();
    const warden = {
      before: async (request: WireRequest) => {
        if (!recorder) return undefined;
        const call = recorder.#begin(whatOf(request), conditionOf(request));
        open.set(request, call);
        await recorder.meddle(call, request);
        return undefined;
      },
      after: async (request: WireRequest, { status }: { status: number }) => {
        const call = open.get(request);
        if (call && recorder) {
          call.status = status;
          call.ended = recorder.#tick++;
        }
        return undefined;
      },
    };
    const proxies: ReverseProxy[] = [];
    const through = async (service: Service, target: string) => {
      const proxy = await startProxy(service, target, warden);
      proxies.push(proxy);
      return proxy.url;
    };
    let { connectionString } = emulator;
    for (const service of ['blob', 'queue', 'table'] as const) {
      const target = `http://127.0.0.1:${emulator.ports[service]}`;
      connectionString = connectionString.replace(target, await through(service, target));
    }
    const engineUrl = engine === undefined ? '' : await through('vision', engine);
    recorder = new Recorder({ connectionString, engineUrl, proxies });
    return recorder;
  }

  /** Writes something down that is over already. */
  note(what: string): void {
    const call = this.#begin(what);
    call.ended = call.began;
  }

  #begin(what: string, condition?: string): Call {
    const ended = Number.POSITIVE_INFINITY;
    const call: Call = { what, began: this.#tick++, ended, status: 0, condition };
    this.calls.push(call);
    return call;
  }

  /** Writes down every call of these methods of an object, as `<name> <method>`. */
  watch<T extends object>(object: T, name: string, methods: readonly (keyof T & string)[]): void {
    for (const method of methods) {
      const original = object[method] as (...args: unknown[]) => unknown;
      const watched = async (...args: unknown[]) => {
        const call = this.#begin(`${name} ${method}`);
        try {
          return await original.apply(object, args);
        } finally {
          call.ended = this.#tick++;
        }
      };
      Object.defineProperty(object, method, { value: watched, configurable: true, writable: true });
    }
  }

  /** What happens while `work` is done, and that it has returned. */
  async during(work: () => Promise<unknown>): Promise<Call[]> {
    const from = this.calls.length;
    await work();
    this.note('returned');
    return this.calls.slice(from);
  }

  async close(): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
  }
}

function conditionOf({ headers }: WireRequest): string | undefined {
  return headers['if-match'] ?? headers['if-none-match'];
}

function whatOf({ call, service, url, body }: WireRequest): string {
  const path = decodeURIComponent(url.split('?')[0] ?? '');
  if (service === 'queue') return `${call} ${queueOf(url)}`;
  if (service === 'vision') return `${call} ${path}`;
  const store = storeOf(path);
  const rest = path.slice(path.indexOf(store) + store.length);
  if (service === 'blob') return `${call} ${store} ${rest}`;
  const text = body.toString('utf8');
  return `${call} ${store} ${rest}${text}`;
}
