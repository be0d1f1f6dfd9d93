import { atOnce } from '../domain/at-once.ts';
import { hammingDistance } from '../domain/hamming-distance.ts';
import type { Columns, Row, Table } from './tables.ts';
import { tableKey } from './tables.ts';

/** An image as the index knows it. */
interface HashedImage {
  /** How blob names and tables spell the job id. */
  jobKey: string;
  jobId: string;
  batchId: string;
  imageUrl: string;
  hash: bigint;
}

interface Resembling extends Omit<HashedImage, 'jobKey'> {
  jobKey: string;
  /** Bits in which the hashes differ. */
  distance: number;
}

/** A row of the index, and whose it is. */
interface HashRow {
  partitionKey: string;
  rowKey: string;
  jobKey: string;
}

/** Bits of each band of a hash, highest first: 64 in all. */
const BANDS = [13, 13, 13, 13, 12] as const;

/** Images read of one partition: more than that share a band only where thousands are copies of one another. */
const MAX_ROWS = 1000;

/** Partitions that are read at the same time. */
const AT_ONCE = 16;

/**
 * The table `imagehashes`. A hash is cut into five bands, and each band is a partition that holds the images that have
 * it. Two hashes that differ in at most nine bits have a band that differs in at most one (five bands with two each
 * would be ten), so reading, of each band, its own partition and those one bit away finds every such image, and 99 in
 * 100 of those at ten (all but those that split as 2 2 2 2 2): 69 partitions, however many images there are. Each
 * holds about one image in 8,192.
 */
export class HashIndex {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Makes an image findable; from the return on, everybody who looks finds it. Safe to repeat. */
  async enrol(image: HashedImage): Promise<void> {
    const known = await this.#hashOf(image.jobKey);
    if (known !== undefined && known !== image.hash) await this.remove(image.jobKey);
    // The image's own row first: whatever follows can then be taken back.
    await this.#table.upsert(ownPartition(image.jobKey), 'hash', { hash: toHex(image.hash) });
    const columns: Columns = {
      hash: toHex(image.hash),
      jobId: image.jobId,
      batchId: image.batchId,
      imageUrl: image.imageUrl,
    };
    await Promise.all(
      bandsOf(image.hash).map((partition) => this.#table.upsert(partition, tableKey(image.jobKey), columns)),
    );
    // And last: where the image was taken out meanwhile, taking it out once more finds what was written since.
    await this.#table.upsert(ownPartition(image.jobKey), 'hash', { hash: toHex(image.hash) });
  }

  /** Takes an image out; that it was not in is no error. */
  async remove(jobKey: string): Promise<void> {
    const hash = await this.#hashOf(jobKey);
    if (hash === undefined) return;
    await Promise.all(bandsOf(hash).map((partition) => this.#table.delete(partition, tableKey(jobKey))));
    await this.#table.delete(ownPartition(jobKey), 'hash');
  }

  /**
   * Images whose hash differs in at most `most` bits, the nearest first.
   *
   * @param most at most 10: see the class
   */
  async find(hash: bigint, most: number, signal: AbortSignal): Promise<Resembling[]> {
    const found = new Map<string, Resembling>();
    const read = async (partitionKey: string): Promise<void> => {
      let rows = 0;
      for await (const row of this.#table.list({ partitionKey })) {
        const other = toImage(row);
        const distance = hammingDistance(hash, other.hash);
        if (distance <= most) found.set(other.jobKey, { ...other, distance });
        rows += 1;
        if (rows >= MAX_ROWS) break;
      }
    };
    await atOnce(AT_ONCE, neighboursOf(hash), read, signal);
    return [...found.values()].sort(byNearness);
  }

  /** How many rows there are of an image, as its own row leads to them. */
  async countOf(jobKey: string): Promise<number> {
    const hash = await this.#hashOf(jobKey);
    if (hash === undefined) return 0;
    const rows = await Promise.all(
      bandsOf(hash).map((partition) => this.#table.get(partition, tableKey(jobKey), ['hash'])),
    );
    return 1 + rows.filter((row) => row !== undefined).length;
  }

  /**
   * Looks at some rows of the whole table: for a look that misses nothing, whatever leads to a row.
   *
   * @param from `next` of the page before
   */
  async rowsOf(
    isMeant: (jobKey: string) => boolean,
    from: string | undefined,
  ): Promise<{ rows: HashRow[]; next?: string }> {
    const { rows, ...rest } = await this.#table.page({ from, select: ['hash'] });
    const found = rows.flatMap(({ partitionKey, rowKey }) => {
      // A key is spelt as a job key spells it: harmless characters only.
      const jobKey = partitionKey.startsWith('job:') ? partitionKey.slice('job:'.length) : rowKey;
      return isMeant(jobKey) ? [{ partitionKey, rowKey, jobKey }] : [];
    });
    return { rows: found, ...rest };
  }

  async removeRow({ partitionKey, rowKey }: HashRow): Promise<void> {
    await this.#table.delete(partitionKey, rowKey);
  }

  async hasRow({ partitionKey, rowKey }: HashRow): Promise<boolean> {
    return (await this.#table.get(partitionKey, rowKey, ['hash'])) !== undefined;
  }

  async #hashOf(jobKey: string): Promise<bigint | undefined> {
    const row = await this.#table.get(ownPartition(jobKey), 'hash');
    return row && fromHex(String(row.columns.hash));
  }
}

const byNearness = (a: Resembling, b: Resembling): number =>
  a.distance - b.distance || (a.jobId < b.jobId ? -1 : 1);

const ownPartition = (jobKey: string): string => tableKey(`job:${jobKey}`);
const bandPartition = (band: number, bits: bigint): string => `band${band}:${bits.toString(16)}`;

/** 16 hexadecimal digits. */
export const toHex = (hash: bigint): string => hash.toString(16).padStart(16, '0');
const fromHex = (text: string): bigint => BigInt(`0x${text}`);

/** Each band with its place: shifted to the right by `shift`, `size` bits long. */
const LAYOUT = BANDS.map((size, band) => ({
  size,
  shift: BigInt(BANDS.slice(band + 1).reduce<number>((sum, bits) => sum + bits, 0)),
}));

function bandsOf(hash: bigint): string[] {
  return LAYOUT.map(({ size, shift }, band) => bandPartition(band, BigInt.asUintN(size, hash >> shift)));
}

function neighboursOf(hash: bigint): string[] {
  return LAYOUT.flatMap(({ size, shift }, band) => {
    const bits = BigInt.asUintN(size, hash >> shift);
    const flipped = Array.from({ length: size }, (_, bit) => bits ^ (1n << BigInt(bit)));
    return [bits, ...flipped].map((value) => bandPartition(band, value));
  });
}

function toImage({ rowKey, columns }: Row): HashedImage {
  return {
    jobKey: rowKey,
    jobId: String(columns.jobId),
    batchId: String(columns.batchId),
    imageUrl: String(columns.imageUrl),
    hash: fromHex(String(columns.hash)),
  };
}
