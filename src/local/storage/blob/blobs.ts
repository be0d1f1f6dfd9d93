import type { Contents, Part } from '../state/contents.ts';
import { newEtag } from '../state/etag.ts';
import type { State } from '../state/state.ts';
import { behindAll } from './behind-all.ts';
import type { Version } from './conditions.ts';
import { leaseAfterWrite } from './lease.ts';

/** What travels with a blob's bytes. Absent fields are absent headers. */
export interface BlobProperties {
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly contentLanguage?: string;
  readonly contentMd5?: string;
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  readonly tier?: string;
  readonly copy?: { readonly id: string; readonly source: string; readonly completed: number };
}

/** A stretch of a blob; `block` is the id it was put under. */
export interface BlobPart extends Part {
  readonly block?: string;
}

export interface BlobRow extends Version {
  readonly name: string;
  readonly created: number;
  readonly size: number;
  /** JSON of {@link BlobProperties}. */
  readonly properties: string;
  readonly metadata: string;
  /** JSON of [content, size, block id or nothing] for each part. */
  readonly parts: string;
  readonly lease: string | null;
}

export const partsOf = ({ parts }: BlobRow): BlobPart[] =>
  (JSON.parse(parts) as [number, number, string?][]).map(([content, size, block]) => ({
    content,
    size,
    ...(block !== undefined && { block }),
  }));

export const propertiesOf = ({ properties }: BlobRow): BlobProperties =>
  JSON.parse(properties) as BlobProperties;

const rowsOf = (rows: Iterable<unknown>): Iterable<BlobRow> => rows as Iterable<BlobRow>;

const COLUMNS = 'name, etag, created, modified, size, properties, metadata, parts, lease';

/** The committed blobs of all containers. To be used within the group commit. */
export class Blobs {
  readonly #contents: Contents;
  readonly #one;
  readonly #put;
  readonly #page;
  readonly #pageWithUncommitted;
  readonly #describe;
  readonly #setLease;
  readonly #remove;

  constructor({ db }: State, contents: Contents) {
    this.#contents = contents;
    this.#one = db.prepare(`SELECT ${COLUMNS} FROM blob WHERE container = ? AND name = ?`);
    this.#put = db.prepare(
      `INSERT OR REPLACE INTO blob (container, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#page = db.prepare(
      `SELECT ${COLUMNS} FROM blob WHERE container = ?1 AND name >= max(?2, ?3) AND name < ?4 ORDER BY name LIMIT ?5 + 0`,
    );
    this.#pageWithUncommitted = db.prepare(`
      SELECT ${COLUMNS} FROM blob WHERE container = ?1 AND name >= max(?2, ?3) AND name < ?4
      UNION ALL
      SELECT name, '', MIN(at), MAX(at), 0, '{}', '{}', '[]', NULL FROM uncommitted_block AS block
      WHERE container = ?1 AND name >= max(?2, ?3) AND name < ?4
        AND NOT EXISTS (SELECT 1 FROM blob WHERE container = block.container AND name = block.name)
      GROUP BY name ORDER BY name LIMIT ?5 + 0`);
    this.#describe = db.prepare(
      'UPDATE blob SET etag = ?, modified = ?, properties = ?, metadata = ?, lease = ? WHERE container = ? AND name = ?',
    );
    this.#setLease = db.prepare('UPDATE blob SET lease = ? WHERE container = ? AND name = ?');
    this.#remove = db.prepare('DELETE FROM blob WHERE container = ? AND name = ?');
  }

  find(container: number, name: string): BlobRow | undefined {
    return this.#one.get(container, name) as unknown as BlobRow | undefined;
  }

  /** Those that begin with a prefix, in the order of their names, from `from` on. To be read within one turn of the loop. */
  page(container: number, prefix: string, from: string, limit: number): Iterable<BlobRow> {
    return rowsOf(this.#page.iterate(container, prefix, from, behindAll(prefix), limit));
  }

  /** As {@link page}, with rows, without an ETag, for blobs of which there are blocks only. */
  pageWithUncommitted(container: number, prefix: string, from: string, limit: number): Iterable<BlobRow> {
    return rowsOf(this.#pageWithUncommitted.iterate(container, prefix, from, behindAll(prefix), limit));
  }

  /** Writes a blob whose parts are kept and counted already, over `before`. @returns its version */
  put(
    container: number,
    name: string,
    before: BlobRow | undefined,
    blob: { parts: readonly BlobPart[]; properties: BlobProperties; metadata: string },
    now: number,
  ): Version {
    const etag = newEtag(now);
    const size = blob.parts.reduce((sum, part) => sum + part.size, 0);
    const parts = blob.parts.map(({ content, size: bytes, block }) =>
      block === undefined ? [content, bytes] : [content, bytes, block],
    );
    this.#put.run(
      ...([container, name, etag, before?.created ?? now, now, size] as const),
      ...([JSON.stringify(blob.properties), blob.metadata, JSON.stringify(parts)] as const),
      before ? leaseAfterWrite(before.lease, now) : null,
    );
    if (before) for (const { content } of partsOf(before)) this.#contents.giveUp(content);
    return { etag, modified: now };
  }

  /** Changes what is said of it. @returns its new version */
  describe(
    container: number,
    row: BlobRow,
    what: { properties?: BlobProperties; metadata?: string },
    now: number,
  ): Version {
    const etag = newEtag(now);
    const properties = what.properties === undefined ? row.properties : JSON.stringify(what.properties);
    const lease = leaseAfterWrite(row.lease, now);
    this.#describe.run(etag, now, properties, what.metadata ?? row.metadata, lease, container, row.name);
    return { etag, modified: now };
  }

  /** A change that makes no new version: of the tier, say. */
  describeInPlace(container: number, row: BlobRow, properties: BlobProperties): void {
    const { etag, modified, metadata, lease, name } = row;
    this.#describe.run(etag, modified, JSON.stringify(properties), metadata, lease, container, name);
  }

  setLease(container: number, { name }: BlobRow, lease: string | null): void {
    this.#setLease.run(lease, container, name);
  }

  remove(container: number, row: BlobRow): void {
    this.#remove.run(container, row.name);
    for (const { content } of partsOf(row)) this.#contents.giveUp(content);
  }
}
