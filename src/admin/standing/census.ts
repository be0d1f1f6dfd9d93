import type { Clock } from '../../domain/ports.ts';
import type { StorageAccount } from '../../storage/account.ts';
import { tables } from '../../storage/names.ts';
import { type Table, tableKey } from '../../storage/tables.ts';
import { type BatchLook, type JournalLook, type LookDeps, lookAt } from './journal-look.ts';

/** Jobs, and blobs, up to which everything is looked at when it is asked for: some seconds' work. */
export const LOOKED_AT = 20_000;

/** Different pipelines of images under way that a census keeps, those of most images: a property holds 32 Ki characters. */
const PIPELINES_KEPT = 100;

/** Partitions: which census counts, and its rows. */
const HEAD = 'census';
const rowsOf = (census: string): string => `census:${census}`;

/** A look through everything, kept. */
export interface Census extends JournalLook {
  /** When it began: ISO 8601. Whatever came later is not in it, and may be. */
  countedAt: string;
}

/**
 * Where an archive is too large to be looked through by whoever asks, a timer does it and this is where it leaves what it
 * found: in table `reconcile`. A census counts once it is whole, and takes the place of the one before.
 */
export class Censuses {
  readonly #table: Table;

  constructor(storage: StorageAccount) {
    this.#table = storage.tables.table(tables.reconcile);
  }

  /** @returns undefined where there is none that is whole: what is asked about is then looked at */
  async last(): Promise<Census | undefined> {
    for (;;) {
      const head = await this.#table.get(HEAD, 'last');
      if (!head) return undefined;
      const { countedAt, rows, delayed, pipelines } = head.columns;
      const batches = new Map<string, BatchLook>();
      for await (const { columns } of this.#table.list({ partitionKey: rowsOf(String(countedAt)) }))
        batches.set(String(columns.batch), JSON.parse(String(columns.look)) as BatchLook);
      // Its rows go once another one counts: what was read of them may be the half.
      const now = await this.#table.get(HEAD, 'last');
      if (now?.columns.countedAt !== countedAt) continue;
      // Two may have been taken at once, and the one has removed rows of the other.
      if (String(batches.size) !== rows) return undefined;
      return {
        ...{ batches, countedAt: String(countedAt) },
        delayed: new Map(JSON.parse(String(delayed))),
        pipelines: new Map(JSON.parse(String(pipelines))),
      };
    }
  }

  async keep({ batches, countedAt, delayed, pipelines }: Census): Promise<void> {
    const common = [...pipelines].sort(([, one], [, other]) => other - one).slice(0, PIPELINES_KEPT);
    for (const [batch, look] of batches)
      await this.#table.upsert(rowsOf(countedAt), tableKey(batch), { batch, look: JSON.stringify(look) });
    await this.#table.upsert(HEAD, 'last', {
      countedAt,
      rows: String(batches.size),
      delayed: JSON.stringify([...delayed]),
      pipelines: JSON.stringify(common),
    });
    await this.#removeAllBut(countedAt);
  }

  /** What is asked about is looked at again. */
  async forget(): Promise<void> {
    await this.#table.delete(HEAD, 'last');
    await this.#removeAllBut(undefined);
  }

  /** What a process left that ended half-way goes as well. */
  async #removeAllBut(countedAt: string | undefined): Promise<void> {
    const partitions = { from: rowsOf(''), below: rowsOf('~') };
    for await (const { partitionKey, rowKey } of this.#table.list({ partitions, select: [] }))
      if (countedAt === undefined || partitionKey !== rowsOf(countedAt))
        await this.#table.delete(partitionKey, rowKey);
  }
}

/**
 * Looks through everything and keeps what it found, where that is more than is looked at on demand; where it is not, or no
 * longer, whoever asks looks.
 *
 * @param most jobs, and blobs, that are looked at on demand
 * @returns images under way and waiting, where there is a census
 */
export async function takeCensus(
  deps: LookDeps & { clock: Clock },
  signal: AbortSignal,
  most = LOOKED_AT,
): Promise<number | undefined> {
  const censuses = new Censuses(deps.storage);
  const countedAt = new Date(deps.clock()).toISOString();
  const small = await lookAt(deps, { most, signal });
  const look = small ? undefined : await lookAt(deps, { signal });
  if (!look) {
    await censuses.forget();
    return undefined;
  }
  const sum = (tally: object) => Object.values(tally).reduce((all: number, one: number) => all + one, 0);
  await censuses.keep({ ...look, countedAt });
  return [...look.batches.values()].reduce((all, { waiting, running }) => all + waiting + sum(running), 0);
}
