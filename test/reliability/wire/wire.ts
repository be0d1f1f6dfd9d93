import type { Emulator } from '../../support/emulator.ts';
import { nameOf, SERVICES, type Service, type WireRequest } from './calls.ts';
import type { Fault, Weather, WireAnswer } from './faults.ts';
import { type ReverseProxy, startProxy } from './proxy.ts';
import type { PieceWarden } from './tcp-proxy.ts';

/** Kills whoever sends the n-th request, or the n-th of this name. */
interface Trap {
  n: number;
  name?: string;
  /** Before the service hears of the request, or when it has done it and the answer is on its way. */
  when: 'before' | 'after';
  kill(): Promise<void>;
}

/** A fault for requests of some kinds; with `times`, for the first so many. */
export interface Rule {
  readonly calls: RegExp;
  readonly fault: Fault;
  readonly times?: number;
}

/**
 * All that the app talks to, seen and meddled with: one proxy per service. What a request is about is known by its
 * kind; requests of the host's own polling are let through uncounted, for a death at a poll is a death between two
 * counted requests.
 */
export class Wire {
  readonly #proxies: Record<Service, ReverseProxy>;
  readonly #counts = new Map<string, number>();
  #trap: (Trap & { names: string[]; seen: number; sprung: boolean }) | undefined;
  #rules: { rule: Rule; left: number }[] = [];
  #weather: Weather | undefined;
  #faults = 0;
  #onAnswer: (request: WireRequest, answer: WireAnswer) => Promise<void> = async () => {};

  private constructor(proxies: Record<Service, ReverseProxy>) {
    this.#proxies = proxies;
  }

  static async open(emulator: Emulator, engineUrl: string): Promise<Wire> {
    const targets: Record<Service, string> = { ...storageTargets(emulator), vision: engineUrl };
    let wire: Wire | undefined;
    const warden = {
      before: async (request: WireRequest) => wire?.before(request),
      after: async (request: WireRequest, answer: WireAnswer) => wire?.after(request, answer),
    };
    const entries = SERVICES.map(async (service) => [
      service,
      await startProxy(service, targets[service], warden),
    ]);
    wire = new Wire(Object.fromEntries(await Promise.all(entries)) as Record<Service, ReverseProxy>);
    return wire;
  }

  get engineUrl(): string {
    return this.#proxies.vision.url;
  }

  /** The emulator's connection string, leading through the proxy. */
  connectionString(emulator: Emulator): string {
    const { blob, queue, table } = emulator.ports;
    let text = emulator.connectionString;
    for (const [service, port] of Object.entries({ blob, queue, table })) {
      text = text.replace(`http://127.0.0.1:${port}`, this.#proxies[service as Service].url);
    }
    return text;
  }

  /** The service is down: connections are refused until it is aimed at again. Requests under way are let end. */
  async cut(...services: Service[]): Promise<void> {
    for (const service of services) this.#proxies[service].aim(undefined);
    await Promise.all(services.map((service) => this.#proxies[service].idle()));
  }

  aimAtStorage(emulator: Emulator): void {
    for (const [service, target] of Object.entries(storageTargets(emulator))) {
      this.#proxies[service as Service].aim(target);
    }
  }

  aimAtEngine(url: string): void {
    this.#proxies.vision.aim(url);
  }

  /** Sets the trap for the n-th counted request from now on. */
  arm(trap: Trap): void {
    this.#trap = { ...trap, names: [], seen: 0, sprung: false };
  }

  /** @returns whether the trap was sprung, and the names of the requests that came */
  disarm(): { sprung: boolean; names: readonly string[] } {
    const { sprung = false, names = [] } = this.#trap ?? {};
    this.#trap = undefined;
    return { sprung, names };
  }

  get sprung(): boolean {
    return this.#trap?.sprung ?? false;
  }

  rules(...rules: Rule[]): void {
    this.#rules = rules.map((rule) => ({ rule, left: rule.times ?? Number.POSITIVE_INFINITY }));
  }

  /** Kinds of call whose faults have not all been met yet. */
  unmet(): string[] {
    return this.#rules
      .filter(({ left }) => left > 0 && left < Number.POSITIVE_INFINITY)
      .map(({ rule }) => rule.calls.source);
  }

  /** Faults that the weather has brought so far. */
  get faults(): number {
    return this.#faults;
  }

  /** Requests that found their service cut off. */
  get refused(): number {
    return Object.values(this.#proxies).reduce((sum, proxy) => sum + proxy.refused, 0);
  }

  weather(weather: Weather | undefined): void {
    this.#weather = weather;
  }

  /** Called with every answer before the caller has it. */
  onAnswer(listener: (request: WireRequest, answer: WireAnswer) => Promise<void>): void {
    this.#onAnswer = listener;
  }

  /** Requests so far whose kind matches. */
  count(calls: RegExp): number {
    let sum = 0;
    for (const [call, count] of this.#counts) if (calls.test(call)) sum += count;
    return sum;
  }

  /** Every kind of request so far, and how many there were of each. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** The trap for a database that stands beside, behind a proxy of its own: its requests count like all others. */
  readonly database: PieceWarden = {
    before: () => this.#step('sql'),
    after: async () => {
      const trap = this.#trap;
      if (trap && !trap.sprung) await this.#spring(trap);
    },
  };

  async before(request: WireRequest): Promise<Fault | 'swallow' | undefined> {
    this.#counts.set(request.call, (this.#counts.get(request.call) ?? 0) + 1);
    if (this.#trap?.sprung) return undefined;
    if (request.call !== 'queue receive') {
      const fate = await this.#step(nameOf(request));
      if (fate === 'swallow') return 'swallow';
      if (fate === 'doomed') (request as { doomed?: true }).doomed = true;
    }
    for (const entry of this.#rules) {
      if (entry.left <= 0 || !entry.rule.calls.test(request.call)) continue;
      entry.left -= 1;
      return entry.rule.fault;
    }
    const weather = this.#weather;
    if (weather && weather.random() < weather.rate) {
      this.#faults += 1;
      return weather.kinds[Math.floor(weather.random() * weather.kinds.length)];
    }
    return undefined;
  }

  /** Counts a request; kills whoever sends it where it is the n-th. */
  async #step(name: string): Promise<'swallow' | 'doomed' | undefined> {
    const trap = this.#trap;
    if (!trap || trap.sprung) return undefined;
    trap.names.push(name);
    if (trap.name !== undefined && trap.name !== name) return undefined;
    trap.seen += 1;
    if (trap.seen !== trap.n) return undefined;
    if (trap.when === 'after') return 'doomed';
    await this.#spring(trap);
    return 'swallow';
  }

  async #spring(trap: Trap & { sprung: boolean }): Promise<void> {
    trap.sprung = true;
    await trap.kill();
  }

  async after(request: WireRequest, answer: WireAnswer): Promise<'swallow' | undefined> {
    await this.#onAnswer(request, answer);
    const trap = this.#trap;
    if (!trap || !('doomed' in request)) return undefined;
    await this.#spring(trap);
    return 'swallow';
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#proxies).map((proxy) => proxy.close()));
  }
}

function storageTargets({ ports }: Emulator): Record<'blob' | 'queue' | 'table', string> {
  const at = (port: number) => `http://127.0.0.1:${port}`;
  return { blob: at(ports.blob), queue: at(ports.queue), table: at(ports.table) };
}
