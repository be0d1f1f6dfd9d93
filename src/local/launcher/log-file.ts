import { closeSync, openSync, renameSync, writeSync } from 'node:fs';

/** Bytes after which a log begins anew; the part before is kept once, as `<file>.old`. */
const MAX_BYTES = 10_000_000;

/** Log of one child process, begun anew with each start of the launcher; the last run's is kept as `<file>.old`. */
export class LogFile {
  readonly path: string;
  readonly #maxBytes: number;
  #file: number;
  #bytes = 0;

  constructor(path: string, maxBytes = MAX_BYTES) {
    this.path = path;
    this.#maxBytes = maxBytes;
    this.#file = this.#beginAnew();
  }

  write(line: string): void {
    if (this.#bytes > this.#maxBytes) {
      closeSync(this.#file);
      this.#file = this.#beginAnew();
    }
    this.#bytes += writeSync(this.#file, `${line}\n`);
  }

  close(): void {
    closeSync(this.#file);
  }

  #beginAnew(): number {
    this.#bytes = 0;
    try {
      renameSync(this.path, `${this.path}.old`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    return openSync(this.path, 'w', 0o600);
  }
}
