import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { SearchAnswer, SearchRequest } from './search-protocol.ts';

/** From TypeScript source the entry is search-worker.ts, from dist search-worker.js: as this file itself. */
const ENTRY = new URL(`./search-worker${extname(import.meta.url)}`, import.meta.url);

export type Answer = Extract<SearchAnswer, { kind: 'done' }>;

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** The thread that holds and searches large face lists, so that no call waits for another's search. Started when first asked. */
export class LargeIndexes {
  #worker: Worker | undefined;
  #waiting: Waiting[] = [];

  /** Answers come in the order of the questions. @throws {Error} when the thread fails or has ended */
  ask(request: SearchRequest): Promise<Answer> {
    this.#worker ??= this.#start();
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      worker.postMessage(request);
    });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(ENTRY, { execArgv: [] });
    worker.on('message', (answer: SearchAnswer) => {
      const waiting = this.#waiting.shift();
      if (answer.kind === 'done') waiting?.resolve(answer);
      else waiting?.reject(new Error(`The search thread failed: ${answer.message}`));
    });
    worker.on('error', (error) => this.#fail(worker, error.message));
    worker.on('exit', (code) => this.#fail(worker, `exit code ${code}`));
    return worker;
  }

  #fail(worker: Worker, reason: string): void {
    if (this.#worker === worker) this.#worker = undefined;
    for (const { reject } of this.#waiting.splice(0)) reject(new Error(`The search thread ended: ${reason}`));
  }
}
