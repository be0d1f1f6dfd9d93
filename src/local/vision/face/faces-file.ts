import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { DIMENSIONS } from './faceprint-index.ts';
import type { QuantisedFaces } from './quantised-faces.ts';

const MAGIC = 'imaginem faces 1';
/** Magic, rows that are surely on the disk, largest error of rounding. */
const HEADER = 32;
/** Sequence number, negative once wiped, and the faceprint's bytes. */
const RECORD = 8 + DIMENSIONS;
const RECORDS_AT_ONCE = 8192;
/** Rows after which the file is brought to the disk: what is not there after a crash is taken from the database again. */
const SYNC_EVERY = 4096;

/** The index of one list on the disk: a copy that loads fast; the database has the truth. */
export class FacesFile {
  readonly #fd: number;
  #rows = 0;
  #unsynced = 0;
  #error = 0;

  constructor(path: string) {
    // Made when missing, never cut.
    this.#fd = openSync(path, 'a+');
    closeSync(this.#fd);
    this.#fd = openSync(path, 'r+');
  }

  /** Reads what is surely there into `faces`; a file of another kind counts as empty. */
  load(faces: QuantisedFaces): void {
    const header = Buffer.alloc(HEADER);
    const size = fstatSync(this.#fd).size;
    if (size >= HEADER) readSync(this.#fd, header, 0, HEADER, 0);
    const known = header.toString('latin1', 0, 16) === MAGIC;
    this.#rows = known ? Math.min(header.readDoubleLE(16), Math.floor((size - HEADER) / RECORD)) : 0;
    this.#error = known ? header.readDoubleLE(24) : 0;
    const chunk = Buffer.alloc(RECORDS_AT_ONCE * RECORD);
    for (let row = 0; row < this.#rows; row += RECORDS_AT_ONCE) {
      const count = Math.min(RECORDS_AT_ONCE, this.#rows - row);
      readSync(this.#fd, chunk, 0, count * RECORD, HEADER + row * RECORD);
      for (let i = 0; i < count; i++) {
        const at = i * RECORD;
        const bytes = new Int8Array(chunk.buffer, chunk.byteOffset + at + 8, DIMENSIONS);
        faces.addRow(chunk.readDoubleLE(at), bytes, this.#error);
      }
    }
    ftruncateSync(this.#fd, HEADER + this.#rows * RECORD);
    this.#sync();
  }

  clear(): void {
    ftruncateSync(this.#fd, 0);
    this.#rows = this.#error = 0;
    this.#sync();
  }

  /** @throws {Error} where there is no room: then the file is of no use any more, see `giveUp` */
  append(rows: readonly { seq: number; bytes: Int8Array; error: number }[]): void {
    const records = Buffer.alloc(rows.length * RECORD);
    rows.forEach(({ seq, bytes, error }, i) => {
      records.writeDoubleLE(seq, i * RECORD);
      records.set(Buffer.from(bytes.buffer, bytes.byteOffset, DIMENSIONS), i * RECORD + 8);
      this.#error = Math.max(this.#error, error);
    });
    writeWhole(this.#fd, records, HEADER + this.#rows * RECORD);
    this.#rows += rows.length;
    this.#unsynced += rows.length;
    if (this.#unsynced >= SYNC_EVERY) this.#sync();
  }

  /** Overwrites a face: when this returns, its numbers are gone from the disk. */
  wipe(row: number, seq: number): void {
    const record = Buffer.alloc(RECORD);
    record.writeDoubleLE(-seq, 0);
    for (let i = 0; i < DIMENSIONS; i++) record.writeInt8(i % 2 === 0 ? 127 : -128, 8 + i);
    writeWhole(this.#fd, record, HEADER + row * RECORD);
    fdatasyncSync(this.#fd);
  }

  /** Empties the file, for it lacks what it should hold: whoever opens it next reads the database instead. */
  giveUp(): void {
    ftruncateSync(this.#fd, 0);
    fdatasyncSync(this.#fd);
    closeSync(this.#fd);
  }

  close(): void {
    this.#sync();
    closeSync(this.#fd);
  }

  /** The rows first, then the header that says they are there. */
  #sync(): void {
    fdatasyncSync(this.#fd);
    const header = Buffer.alloc(HEADER);
    header.write(MAGIC, 'latin1');
    header.writeDoubleLE(this.#rows, 16);
    header.writeDoubleLE(this.#error, 24);
    writeWhole(this.#fd, header, 0);
    fdatasyncSync(this.#fd);
    this.#unsynced = 0;
  }
}

/** A system call may write less than it was given, and only the next one says why. @throws {Error} of the system */
function writeWhole(fd: number, bytes: Buffer, position: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, position + at);
}
