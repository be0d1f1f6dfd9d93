import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../../domain/ports.ts';
import { fromBlob, inTransaction, toBlob } from './database.ts';

/** A face that `detect` gave an id. */
export interface TransientFace {
  faceprint: Float32Array;
  recognitionModel: string;
}

/** How often expired ids are swept out. Reads look at the expiry themselves, so this only bounds the file. */
const SWEEP_MS = 60_000;

/** Transient face ids. On disk, so that a restarted engine does not break the jobs that hold them. */
export class FaceIds {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;
  readonly #newId: () => string;
  #nextSweep = 0;

  constructor(db: DatabaseSync, clock: Clock, newId: () => string) {
    this.#db = db;
    this.#clock = clock;
    this.#newId = newId;
  }

  /** @returns one id per faceprint, in order */
  issue(faceprints: readonly ArrayLike<number>[], recognitionModel: string, ttlSeconds: number): string[] {
    const now = this.#clock();
    this.#sweep(now);
    const insert = this.#db.prepare('INSERT INTO face_id VALUES (?, ?, ?, ?)');
    return inTransaction(this.#db, () =>
      faceprints.map((faceprint) => {
        const id = this.#newId();
        insert.run(id, toBlob(faceprint), recognitionModel, now + ttlSeconds * 1000);
        return id;
      }),
    );
  }

  /** @returns undefined for an id that never was or has expired */
  find(id: string): TransientFace | undefined {
    const row = this.#db
      .prepare('SELECT faceprint, recognition_model FROM face_id WHERE id = ? AND expires > ?')
      .get(id.toLowerCase(), this.#clock());
    if (!row) return undefined;
    return {
      faceprint: fromBlob(row.faceprint as Uint8Array),
      recognitionModel: row.recognition_model as string,
    };
  }

  /** Removes what has expired, with its faceprint. */
  sweep(): void {
    this.#sweep(this.#clock(), true);
  }

  #sweep(now: number, isDue = now >= this.#nextSweep): void {
    if (!isDue) return;
    this.#nextSweep = now + SWEEP_MS;
    this.#db.prepare('DELETE FROM face_id WHERE expires <= ?').run(now);
  }
}
