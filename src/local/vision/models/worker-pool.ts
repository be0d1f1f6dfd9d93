import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Analysis, UndecodableImageError } from '../analysis.ts';
import type { WorkerReply, WorkerRequest } from './worker-protocol.ts';

/** From TypeScript source the entry is worker.ts, from dist worker.js: as this file itself. */
const ENTRY = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);

/** A first failure may be the worker's own history; a second is the image's doing, or the machine's. */
const ATTEMPTS = 2;

interface WorkerPoolOptions {
  workers: number;
  /** The file that worker threads run; default: the models. */
  entry?: URL;
  /** JavaScript heap of a worker. Models and pixels live outside it: past this something runs away. Default 512. */
  heapLimitMb?: number;
}

type Image = Required<WorkerRequest>;

interface Job extends Image {
  resolve(values: Partial<Analysis>): void;
  reject(error: Error): void;
  attempts: number;
}

interface Slot {
  worker?: Worker | undefined;
  job?: Job | undefined;
  /** The image whose pixels the worker holds, or will. */
  key?: string | undefined;
  /** Whether it has answered for that image, so that it holds it indeed. */
  holds?: boolean | undefined;
}

/**
 * Worker threads that run the models: started when first needed, one image at a time each, replaced when they die.
 */
export class WorkerPool {
  readonly #slots: Slot[];
  readonly #entry: URL;
  readonly #heapLimitMb: number;
  #queue: Job[] = [];
  #closed = false;

  constructor({ workers, entry = ENTRY, heapLimitMb = 512 }: WorkerPoolOptions) {
    this.#slots = Array.from({ length: workers }, () => ({}));
    this.#entry = entry;
    this.#heapLimitMb = heapLimitMb;
  }

  /**
   * @throws {UndecodableImageError}
   * @throws {Error} if two workers in a row died or failed over the image, or the pool is closed
   */
  run(request: Image): Promise<Partial<Analysis>> {
    if (this.#closed) return Promise.reject(closedError());
    return new Promise((resolve, reject) => {
      this.#queue.push({ ...request, resolve, reject, attempts: 0 });
      this.#dispatch();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const jobs = [...this.#slots.map(({ job }) => job), ...this.#queue];
    const workers = this.#slots.map(({ worker }) => worker);
    this.#queue = [];
    for (const slot of this.#slots) slot.worker = slot.job = undefined;
    for (const job of jobs) job?.reject(closedError());
    await Promise.all(workers.map((worker) => worker?.terminate()));
  }

  #dispatch(): void {
    for (const slot of this.#slots) {
      if (slot.job !== undefined || this.#queue.length === 0) continue;
      const [job] = this.#queue.splice(this.#choose(slot), 1);
      if (job !== undefined) this.#start(slot, job);
    }
  }

  /** The oldest job for the image that the worker holds, else the oldest whose image no other worker holds. */
  #choose(slot: Slot): number {
    const own = this.#queue.findIndex(({ key }) => key === slot.key);
    if (own >= 0) return own;
    const free = this.#queue.findIndex(({ key }) => this.#slots.every((other) => other.key !== key));
    return Math.max(0, free);
  }

  #start(slot: Slot, job: Job): void {
    const { key, bytes, parts } = job;
    const holds = slot.holds === true && slot.key === key;
    slot.job = job;
    slot.key = key;
    slot.holds = false;
    job.attempts++;
    slot.worker ??= this.#spawn(slot);
    // A message is copied, and a photograph is megabytes.
    slot.worker.postMessage({ key, parts, ...(!holds && { bytes }) } satisfies WorkerRequest);
  }

  #spawn(slot: Slot): Worker {
    const worker = new Worker(this.#entry, {
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: this.#heapLimitMb },
    });
    worker.on('message', (reply: WorkerReply) => this.#settle(slot, worker, reply));
    worker.on('error', (error: Error & { code?: string }) =>
      this.#bury(slot, worker, error.code ?? error.message),
    );
    worker.on('exit', (code) => this.#bury(slot, worker, `exit code ${code}`));
    return worker;
  }

  #settle(slot: Slot, worker: Worker, reply: WorkerReply): void {
    if (slot.worker !== worker) return;
    if (reply.kind === 'failed') {
      this.#bury(slot, worker, reply.message);
      void worker.terminate();
      return;
    }
    const job = slot.job;
    slot.job = undefined;
    slot.holds = reply.kind === 'done';
    if (reply.kind === 'done') job?.resolve(reply.values);
    else job?.reject(new UndecodableImageError(reply.message));
    this.#dispatch();
  }

  /** A dead worker leaves its slot; its job goes first to the next one, once. */
  #bury(slot: Slot, worker: Worker, reason: string): void {
    if (slot.worker !== worker) return;
    const job = slot.job;
    slot.worker = slot.job = slot.key = slot.holds = undefined;
    if (job !== undefined && job.attempts < ATTEMPTS) this.#queue.unshift(job);
    else job?.reject(new Error(failureText(job, reason)));
    this.#dispatch();
  }
}

function failureText({ parts, attempts }: Job, reason: string): string {
  return `The vision worker failed ${attempts} times over an image (asked for: ${parts.join(', ')}): ${reason}.`;
}

function closedError(): Error {
  return new Error('The analyzer was closed before it had read the image.');
}
