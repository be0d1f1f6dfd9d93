import { createHash } from 'node:crypto';
import type { TableClient, TableEntity, TableServiceClient } from '@azure/data-tables';
import { limited } from './limit.ts';
import { orUndefined, statusOf } from './status.ts';

/** Property values as they travel; absent and null are the same. */
export type Columns = Record<string, string | number | boolean | Date | undefined | null>;

export interface Row {
  partitionKey: string;
  rowKey: string;
  /** For `update`: as the service gave it. */
  etag: string;
  columns: Record<string, unknown>;
}

/** Some rows of a table, and where the others begin. */
interface RowPage {
  rows: Row[];
  next?: string;
}

/** Longest table key we make, in UTF-16 units; the service takes 512. */
const MAX_KEY = 400;

/**
 * Makes any text a table key: `/ \ # ?`, control characters and everything outside plain ASCII become `!` and four hex
 * digits, as does `!` itself, so that two texts never share a key; a very long one ends in its hash instead.
 */
export function tableKey(text: string): string {
  const key = text.replace(
    /[^A-Za-z0-9 ._~@$&()*+,;=:'-]/g,
    (unit) => `!${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  if (key.length <= MAX_KEY) return key;
  return `${key.slice(0, MAX_KEY - 66)}!~${createHash('sha256').update(text).digest('hex')}`;
}

/** The text that a table key was made of; undefined of a very long one, which ends in its hash. */
export function textOfKey(key: string): string | undefined {
  if (key.includes('!~')) return undefined;
  return key.replace(/!([0-9a-f]{4})/g, (_, unit: string) => String.fromCharCode(Number.parseInt(unit, 16)));
}

/** One table. Conflicts are answers, not exceptions: the caller decides who wins. */
export class Table {
  readonly #client: TableClient;

  constructor(client: TableClient) {
    this.#client = client;
  }

  /** @param select the columns to read; all when absent */
  async get(partitionKey: string, rowKey: string, select?: string[]): Promise<Row | undefined> {
    const options = { ...(select && { queryOptions: { select } }), ...limited() };
    const entity = await orUndefined(this.#client.getEntity(partitionKey, rowKey, options));
    return entity && toRow(entity);
  }

  /** @returns false where the row exists already */
  async insert(partitionKey: string, rowKey: string, columns: Columns): Promise<boolean> {
    return (await this.create(partitionKey, rowKey, columns)) !== undefined;
  }

  /** As `insert`. @returns the row's ETag, or undefined where it exists already */
  async create(partitionKey: string, rowKey: string, columns: Columns): Promise<string | undefined> {
    try {
      const entity = { partitionKey, rowKey, ...columns } as TableEntity;
      return (await this.#client.createEntity(entity, limited())).etag ?? '';
    } catch (error) {
      if (statusOf(error) === 409) return undefined;
      throw error;
    }
  }

  /**
   * Merges `columns` into the row if it still has `etag`.
   *
   * @returns false where it was changed or removed meanwhile
   */
  async update(partitionKey: string, rowKey: string, columns: Columns, etag: string): Promise<boolean> {
    return (await this.merge(partitionKey, rowKey, columns, etag)) !== undefined;
  }

  /** As `update`. @returns the row's new ETag, or undefined where it was changed or removed meanwhile */
  async merge(
    partitionKey: string,
    rowKey: string,
    columns: Columns,
    etag: string,
  ): Promise<string | undefined> {
    return this.#write(partitionKey, rowKey, columns, 'Merge', etag);
  }

  /** As `merge`, but what `columns` does not name is gone. */
  async replace(
    partitionKey: string,
    rowKey: string,
    columns: Columns,
    etag: string,
  ): Promise<string | undefined> {
    return this.#write(partitionKey, rowKey, columns, 'Replace', etag);
  }

  async #write(
    partitionKey: string,
    rowKey: string,
    columns: Columns,
    mode: 'Merge' | 'Replace',
    etag: string,
  ): Promise<string | undefined> {
    try {
      const entity = { partitionKey, rowKey, ...columns } as TableEntity;
      const written = await this.#client.updateEntity(entity, mode, { etag, ...limited() });
      return written.etag ?? '';
    } catch (error) {
      if (statusOf(error) === 412 || statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  /** Inserts or merges, whoever was there. */
  async upsert(partitionKey: string, rowKey: string, columns: Columns): Promise<void> {
    await this.#client.upsertEntity({ partitionKey, rowKey, ...columns } as TableEntity, 'Merge', limited());
  }

  /** @returns false where it was changed meanwhile; a row that is gone already is fine */
  async delete(partitionKey: string, rowKey: string, etag = '*'): Promise<boolean> {
    try {
      await this.#client.deleteEntity(partitionKey, rowKey, { etag, ...limited() });
      return true;
    } catch (error) {
      if (statusOf(error) === 404) return true;
      if (statusOf(error) === 412) return false;
      throw error;
    }
  }

  /**
   * Rows of one partition, of those between two keys, or of the whole table, in key order.
   *
   * @param options.after rows behind this one only
   * @param options.where values that columns must have, `whereNot` values that they must not: looked at row by row by
   *   the service. `whereNotAfter`: values that columns are not greater than, or that they do not have at all
   * @param options.size rows that are asked for at once: a page of many wide ones keeps this process from all else while it
   *   is read; the service's own limit is 1,000
   */
  async *list(
    options: {
      partitionKey?: string;
      partitions?: { from: string; below: string };
      select?: string[];
      after?: { partitionKey: string; rowKey: string };
      where?: Readonly<Record<string, string>>;
      whereNot?: Readonly<Record<string, string>>;
      whereNotAfter?: Readonly<Record<string, string>>;
      size?: number;
    } = {},
  ): AsyncGenerator<Row> {
    const { partitionKey, partitions, after, where = {}, whereNot = {}, whereNotAfter = {} } = options;
    const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
    const conditions = [
      ...Object.entries(where).map(([column, value]) => `${column} eq ${quoted(value)}`),
      ...Object.entries(whereNot).map(([column, value]) => `${column} ne ${quoted(value)}`),
      ...Object.entries(whereNotAfter).map(([column, value]) => `not (${column} gt ${quoted(value)})`),
    ];
    if (partitionKey !== undefined) conditions.push(`PartitionKey eq ${quoted(partitionKey)}`);
    if (partitions) {
      conditions.push(`PartitionKey ge ${quoted(partitions.from)}`);
      conditions.push(`PartitionKey lt ${quoted(partitions.below)}`);
    }
    if (after) {
      const [partition, row] = [quoted(after.partitionKey), quoted(after.rowKey)];
      conditions.push(
        `(PartitionKey gt ${partition} or (PartitionKey eq ${partition} and RowKey gt ${row}))`,
      );
    }
    const filter = conditions.join(' and ');
    const queryOptions = {
      ...(filter !== '' && { filter }),
      ...(options.select && { select: ['PartitionKey', 'RowKey', ...options.select] }),
    };
    let from: string | undefined;
    // Page by page, for the limit is that of one call, however long the list.
    do {
      const page = await this.#page(queryOptions, {
        from,
        ...(options.size !== undefined && { size: options.size }),
      });
      yield* page.rows;
      from = page.next;
    } while (from !== undefined);
  }

  /**
   * One page of the whole table, in key order: for who goes on another time, in another process.
   *
   * @param range.from `next` of the page before
   * @param range.size rows of the page at most; the service's own limit is 1,000
   * @returns `next` is absent where the table has ended; a page may be empty all the same
   */
  page(range: { from?: string | undefined; size?: number; select?: string[] } = {}): Promise<RowPage> {
    const { select, ...place } = range;
    return this.#page(select ? { select: ['PartitionKey', 'RowKey', ...select] } : {}, place);
  }

  async #page(
    queryOptions: { filter?: string; select?: string[] },
    { from, size }: { from?: string | undefined; size?: number },
  ): Promise<RowPage> {
    const { value: page } = await this.#client
      .listEntities({ queryOptions, ...limited() })
      .byPage({
        ...(from !== undefined && { continuationToken: from }),
        ...(size !== undefined && { maxPageSize: size }),
      })
      .next();
    const next: string | undefined = page?.continuationToken;
    return { rows: (page ?? []).map(toRow), ...(next !== undefined && { next }) };
  }
}

function toRow(entity: Record<string, unknown>): Row {
  const { partitionKey, rowKey, etag, timestamp: _, ...columns } = entity;
  delete columns['odata.metadata'];
  return {
    partitionKey: String(partitionKey),
    rowKey: String(rowKey),
    etag: String(etag ?? ''),
    columns,
  };
}

/** The tables of the account. */
export class Tables {
  readonly #service: TableServiceClient;
  readonly #open: (table: string) => TableClient;

  constructor(service: TableServiceClient, open: (table: string) => TableClient) {
    this.#service = service;
    this.#open = open;
  }

  table(name: string): Table {
    return new Table(this.#open(name));
  }

  async ensure(names: readonly string[]): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        try {
          await this.#service.createTable(name, limited());
        } catch (error) {
          if (statusOf(error) !== 409) throw error;
        }
      }),
    );
  }
}
