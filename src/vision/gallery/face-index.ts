import type { Rectangle } from '../../domain/rectangle.ts';
import type { Columns, Row, Table } from '../../storage/tables.ts';
import { tableKey } from '../../storage/tables.ts';

/** A face as the pipeline knows it. */
export interface EnrolledFace {
  /** `<job key>-<number>`: unique over all jobs; the job key is how blob names and tables spell the job id. */
  key: string;
  jobId: string;
  batchId: string;
  imageUrl: string;
  /** Pixels of the image that is sent to be enrolled. */
  rectangle: Rectangle;
}

/** Where a face is: a list and its persisted id there. */
export interface Place {
  listId: string;
  persistedFaceId: string;
}

/** A copy in a LargeFaceList, stamped with the epoch of the list in which it was made: see training.ts. */
export interface Copy extends Place {
  epoch: number;
  /** Milliseconds since the epoch at which it was claimed. */
  claimedAt: number;
}

/** The face row: which persisted ids a face owns, at most one per tier. */
export interface FaceRow extends EnrolledFace {
  /** `claimedAt`: milliseconds since the epoch. */
  fresh: (Place & { claimedAt: number }) | undefined;
  large: Copy | undefined;
  /** Milliseconds since the epoch: when it was first found to be a face to keep; 0 where that is not known. */
  enrolledAt: number;
  etag: string;
}

/** What is read of a face where all are gone through: whose it is takes most of a row. */
export type OwnedSince = Pick<FaceRow, 'key' | 'fresh' | 'large' | 'enrolledAt'>;

/** Some of all faces. */
export interface WhichFaces {
  /** Of jobs whose keys are in this range, the second left out. */
  jobs?: { from: string; below?: string };
  /** Those alone that may have been enrolled by this moment: milliseconds since the epoch, none before 1970. */
  until?: number;
}

const OWNED_SINCE = 'faceKey freshList freshId largeList largeId largeEpoch enrolledAt copiedAt'.split(' ');

/** The id row: whose a persisted id is. Written after the face row claims the id; without it nobody matches it. */
export interface IdRow extends EnrolledFace, Place {
  ownedAt: number;
  /** Of a fresh face: its copy, once made. A hint; the face row counts. */
  copy: { listId: string; epoch: number } | undefined;
  /** Of a fresh face: why it cannot be copied and stays where it is. */
  stuck: string | undefined;
}

/** A row of the index, of whatever kind, and whose face it is about. */
export interface KeyedRow {
  partitionKey: string;
  rowKey: string;
  faceKey: string;
}

/** Where a row stands in the table. */
export interface RowPlace {
  partitionKey: string;
  rowKey: string;
}

/** The job key in a face key. */
export const jobKeyOf = (faceKey: string): string => faceKey.slice(0, faceKey.lastIndexOf('-'));

const jobPartition = (jobKey: string) => tableKey(`job:${jobKey}`);
const listPartition = (listId: string) => tableKey(`list:${listId}`);
const orphanPartition = (listId: string) => tableKey(`orphan:${listId}`);

/** The table `faceindex`: face rows by job, id rows by list, and the sweep's notes about ids without an owner. */
export class FaceIndex {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async face(key: string): Promise<FaceRow | undefined> {
    const row = await this.#table.get(jobPartition(jobKeyOf(key)), tableKey(key));
    return row && toFaceRow(row);
  }

  async faces(jobKey: string): Promise<FaceRow[]> {
    const rows: FaceRow[] = [];
    for await (const row of this.#table.list({ partitionKey: jobPartition(jobKey) }))
      rows.push(toFaceRow(row));
    return rows;
  }

  /**
   * Makes a face own its fresh place, in place of what `before` says.
   *
   * @returns false where another claim came first
   */
  claimFresh(face: EnrolledFace, place: Place, now: number, before: FaceRow | undefined): Promise<boolean> {
    const columns = {
      ...identityColumns(face),
      freshList: place.listId,
      freshId: place.persistedFaceId,
      enrolledAt: new Date(now).toISOString(),
    };
    return this.#claim(face, columns, before, (row) => row.fresh?.persistedFaceId === place.persistedFaceId);
  }

  /** Makes a face own its copy as well. @returns false where the row changed meanwhile */
  claimCopy(face: FaceRow, copy: Copy): Promise<boolean> {
    const columns = {
      largeList: copy.listId,
      largeId: copy.persistedFaceId,
      largeEpoch: copy.epoch,
      copiedAt: new Date(copy.claimedAt).toISOString(),
    };
    return this.#claim(face, columns, face, (row) => row.large?.persistedFaceId === copy.persistedFaceId);
  }

  async #claim(
    face: EnrolledFace,
    columns: Columns,
    before: FaceRow | undefined,
    isOurs: (row: FaceRow) => boolean,
  ): Promise<boolean> {
    const partition = jobPartition(jobKeyOf(face.key));
    const row = tableKey(face.key);
    const written = before
      ? await this.#table.update(partition, row, columns, before.etag)
      : await this.#table.insert(partition, row, columns);
    if (written) return true;
    // A write whose answer was lost is repeated by the storage client, and then looks like somebody else's.
    const current = await this.face(face.key);
    return current !== undefined && isOurs(current);
  }

  /** The face no longer owns its place in this tier. @returns false where the row changed meanwhile */
  disown(face: FaceRow, tier: 'fresh' | 'large'): Promise<boolean> {
    const columns: Columns =
      tier === 'fresh' ? { freshList: '', freshId: '' } : { largeList: '', largeId: '', largeEpoch: 0 };
    return this.#table.update(jobPartition(jobKeyOf(face.key)), tableKey(face.key), columns, face.etag);
  }

  /** @returns false where the row changed since it was read */
  removeFace(face: FaceRow): Promise<boolean> {
    return this.#table.delete(jobPartition(jobKeyOf(face.key)), tableKey(face.key), face.etag);
  }

  async writeId(face: EnrolledFace, place: Place, now: number): Promise<void> {
    const columns = { ...identityColumns(face), ownedAt: new Date(now).toISOString() };
    await this.#table.upsert(listPartition(place.listId), place.persistedFaceId, columns);
  }

  async owner(place: Place): Promise<IdRow | undefined> {
    const row = await this.#table.get(listPartition(place.listId), place.persistedFaceId);
    return row && toIdRow(place.listId, row);
  }

  async removeId(place: Place): Promise<void> {
    await this.#table.delete(listPartition(place.listId), place.persistedFaceId);
  }

  /** Notes on the id row that it is copied, is not after all, or why it cannot be; nothing where the row has gone. */
  async note(
    place: Place,
    note: { copy: Pick<Copy, 'listId' | 'epoch'> | undefined } | { stuck: string },
  ): Promise<void> {
    const columns: Columns =
      'copy' in note
        ? { copyList: note.copy?.listId ?? '', copyEpoch: note.copy?.epoch ?? 0 }
        : { stuck: note.stuck };
    await this.#table.update(listPartition(place.listId), place.persistedFaceId, columns, '*');
  }

  /** Every owned id of a list, in the order of the ids. */
  async *ids(listId: string): AsyncGenerator<IdRow> {
    for await (const row of this.#table.list({ partitionKey: listPartition(listId) }))
      yield toIdRow(listId, row);
  }

  /**
   * Looks at some rows of the whole table, face rows and id rows alike: for a look that misses nothing.
   *
   * @param from `next` of the page before
   */
  async rowsOf(
    isMeant: (faceKey: string) => boolean,
    from: string | undefined,
  ): Promise<{ rows: KeyedRow[]; next?: string }> {
    const { rows, ...rest } = await this.#table.page({ from, select: ['faceKey'] });
    const found = rows.flatMap(({ partitionKey, rowKey, columns: { faceKey } }) =>
      typeof faceKey === 'string' && isMeant(faceKey) ? [{ partitionKey, rowKey, faceKey }] : [],
    );
    return { rows: found, ...rest };
  }

  async removeRow({ partitionKey, rowKey }: KeyedRow): Promise<void> {
    await this.#table.delete(partitionKey, rowKey);
  }

  async hasRow({ partitionKey, rowKey }: KeyedRow): Promise<boolean> {
    return (await this.#table.get(partitionKey, rowKey, ['faceKey'])) !== undefined;
  }

  /** What every face row owns and since when, or those of some. */
  async *everyFace({ jobs, until }: WhichFaces = {}): AsyncGenerator<OwnedSince> {
    const partitions = {
      from: jobPartition(jobs?.from ?? ''),
      below: jobs?.below === undefined ? 'job;' : jobPartition(jobs.below),
    };
    // By the service: in a large archive most faces are younger, and whoever looks for old ones is not sent those.
    const young = until !== undefined && { whereNotAfter: { enrolledAt: new Date(until).toISOString() } };
    for await (const row of this.#table.list({ partitions, select: OWNED_SINCE, ...young })) {
      const { key, fresh, large, enrolledAt } = toFaceRow(row);
      yield { key, fresh, large, enrolledAt };
    }
  }

  /** Removes every row, one by one, those of the lists included. */
  async *removeEverything(): AsyncGenerator<true> {
    for await (const { partitionKey, rowKey } of this.#table.list({ select: ['faceKey'] })) {
      await this.#table.delete(partitionKey, rowKey);
      yield true;
    }
  }

  /** When the sweep first saw each id of this list without an owner. */
  async orphans(listId: string): Promise<Map<string, number>> {
    const seen = new Map<string, number>();
    for await (const row of this.#table.list({ partitionKey: orphanPartition(listId) })) {
      seen.set(row.rowKey, timeOf(row.columns.seenAt));
    }
    return seen;
  }

  /** @param now 0: it is known to be nobody's and need not be watched first */
  async noteOrphan(place: Place, now: number): Promise<void> {
    const columns = { seenAt: new Date(now).toISOString() };
    await this.#table.insert(orphanPartition(place.listId), place.persistedFaceId, columns);
  }

  async removeOrphan(place: Place): Promise<void> {
    await this.#table.delete(orphanPartition(place.listId), place.persistedFaceId);
  }
}

function identityColumns(face: EnrolledFace): Columns {
  const { left, top, width, height } = face.rectangle;
  const { key, jobId, batchId, imageUrl } = face;
  return { faceKey: key, jobId, batchId, imageUrl, left, top, width, height };
}

function toIdentity({ columns }: Row): EnrolledFace {
  const [left = 0, top = 0, width = 0, height = 0] = ['left', 'top', 'width', 'height'].map((name) =>
    Number(columns[name]),
  );
  return {
    key: String(columns.faceKey),
    jobId: String(columns.jobId),
    batchId: String(columns.batchId),
    imageUrl: String(columns.imageUrl),
    rectangle: { left, top, width, height },
  };
}

function toFaceRow(row: Row): FaceRow {
  const fresh = toPlace(row.columns.freshList, row.columns.freshId);
  const large = toPlace(row.columns.largeList, row.columns.largeId);
  return {
    ...toIdentity(row),
    fresh: fresh && { ...fresh, claimedAt: timeOf(row.columns.enrolledAt) },
    large: large && {
      ...large,
      epoch: Number(row.columns.largeEpoch ?? 0),
      claimedAt: timeOf(row.columns.copiedAt),
    },
    enrolledAt: timeOf(row.columns.enrolledAt),
    etag: row.etag,
  };
}

function toIdRow(listId: string, row: Row): IdRow {
  const { copyList, copyEpoch, stuck, ownedAt } = row.columns;
  return {
    ...toIdentity(row),
    listId,
    persistedFaceId: row.rowKey,
    ownedAt: timeOf(ownedAt),
    copy:
      typeof copyList === 'string' && copyList !== ''
        ? { listId: copyList, epoch: Number(copyEpoch) }
        : undefined,
    stuck: typeof stuck === 'string' ? stuck : undefined,
  };
}

const toPlace = (listId: unknown, persistedFaceId: unknown): Place | undefined =>
  typeof listId === 'string' && typeof persistedFaceId === 'string' && persistedFaceId !== ''
    ? { listId, persistedFaceId }
    : undefined;

/** 0 where it is no time: as old as can be. */
const timeOf = (iso: unknown): number => Date.parse(String(iso)) || 0;
