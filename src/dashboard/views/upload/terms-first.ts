import { strings } from '../../strings.ts';

/** Terms that are saved once for all files they were given with, before the first of them is sent. */
export class TermsFirst {
  readonly #save: () => Promise<unknown>;
  #saved: Promise<unknown> | undefined;
  #failed = false;

  constructor(save: () => Promise<unknown>) {
    this.#save = save;
  }

  /** @throws {Error} that says why they were not saved: the same to all of these files, until they are tried again */
  there(): Promise<unknown> {
    this.#saved ??= this.#save().catch((error: Error) => {
      this.#failed = true;
      throw new Error(`${strings.upload.termsNotSaved} ${error.message}`);
    });
    return this.#saved;
  }

  tryAgain(): void {
    if (!this.#failed) return;
    this.#failed = false;
    this.#saved = undefined;
  }
}
