import { type Cell, type CellResult, CrashLab, isSwitch, type QueueMode } from './cells.ts';
import { SwitchLab } from './switch-lab.ts';

/** Where one cell is run after the other: jobs in one world, switches of models in another, each opened at its first cell. */
export class Lane {
  readonly #seed: number;
  readonly #lane: number;
  #jobs: CrashLab | undefined;
  #switches: SwitchLab | undefined;

  constructor(seed: number, lane: number) {
    this.#seed = seed;
    this.#lane = lane;
  }

  async run(cell: Cell): Promise<CellResult> {
    if (isSwitch(cell)) {
      this.#switches ??= await SwitchLab.open();
      return this.#switches.run(cell);
    }
    this.#jobs ??= await CrashLab.open(this.#seed, this.#lane);
    return this.#jobs.run(cell as Cell & { mode: QueueMode });
  }

  finish = async (): Promise<string[]> => (await this.#jobs?.finish()) ?? [];

  async close(): Promise<void> {
    await this.#jobs?.close();
    await this.#switches?.close();
  }
}
