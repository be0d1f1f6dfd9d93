import { statfsSync } from 'node:fs';

/** Bytes that must be free before writes are taken again: what was taken can then be put back, and be deleted. */
const AGAIN_BYTES = 1024 * 1024;

/** How long a look at the disk is good for, in milliseconds. */
const KEPT_MS = 250;

/**
 * Whether the disk is full. Once something has found no room, nothing is taken before there is some to speak of: else
 * small writes would go through where large ones do not, and a message could be taken that cannot be put back.
 */
export class DiskSpace {
  readonly #free: () => number;
  readonly #now: () => number;
  #full = false;
  #lookedAt = 0;

  /** @param folder on the disk in question @param free how many bytes are free there */
  constructor(folder: string, free = () => freeAt(folder), now = () => performance.now()) {
    this.#free = free;
    this.#now = now;
  }

  /** Something has found no room. */
  ranOut(): void {
    // Those refused meanwhile do not put off the next look.
    if (this.#full) return;
    this.#full = true;
    this.#lookedAt = this.#now();
  }

  isFull(): boolean {
    if (!this.#full || this.#now() - this.#lookedAt < KEPT_MS) return this.#full;
    this.#lookedAt = this.#now();
    this.#full = this.#free() < AGAIN_BYTES;
    return this.#full;
  }
}

function freeAt(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    // Nobody knows: the next write finds out.
    return Number.POSITIVE_INFINITY;
  }
}
