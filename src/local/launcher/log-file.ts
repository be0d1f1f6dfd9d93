import { closeSync, openSync, renameSync, writeSync } from 'node:fs';

/** Bytes after which a log begins anew; the part before is kept once, as `<file>.old`. */
const MAX_BYTES = 10_000_000;

/**
 * Log of one child process, begun anew with each start of the launcher; the last run's is kept as `<file>.old`.
 *
 * Where the disk takes no line, the line is lost and the work goes on: the log says later how many were.
 */
export class LogFile {
  readonly path: string;
  readonly #maxBytes: number;
  #file: number;
  #bytes = 0;
  /** Lines that found no room since the last that did. */
  #lost = 0;

  /** @throws {Error} where the file cannot be made */
  constructor(path: string, maxBytes = MAX_BYTES) {
    this.path = path;
    this.#maxBytes = maxBytes;
    this.#file = this.#beginAnew();
  }

  write(line: string): void {
    // A line that was cut for want of room ends here.
    const said = this.#lost > 0 ? `\n${this.#lost} lines are missing here: the disk took none.\n` : '';
    try {
      if (this.#bytes > this.#maxBytes) {
        const before = this.#file;
        this.#file = this.#beginAnew();
        closeSync(before);
      }
      const text = Buffer.from(`${said}${line}\n`);
      const written = writeSync(this.#file, text);
      this.#bytes += written;
      this.#lost = written < text.length ? this.#lost + 1 : 0;
    } catch {
      this.#lost += 1;
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  #beginAnew(): number {
    try {
      renameSync(this.path, `${this.path}.old`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    const file = openSync(this.path, 'w', 0o600);
    this.#bytes = 0;
    return file;
  }
}
