import type { Columns, Row, Table } from '../../src/storage/tables.ts';

/** A table in memory, for what is asked of one and not for what storage makes of it: every call is noted. */
export class MemoryTable {
  readonly rows = new Map<string, Row>();
  readonly calls: string[] = [];
  writes = 0;
  removed: () => void = () => {};
  /** Before each write: who is faster changes the row here. */
  meddle: (call: string) => void = () => {};

  get table(): Table {
    return this as unknown as Table;
  }

  #put(partitionKey: string, rowKey: string, columns: Columns): string {
    this.writes += 1;
    const key = `${partitionKey}|${rowKey}`;
    const before = this.rows.get(key)?.columns;
    // A merge leaves what is null or absent as it was.
    const given = Object.fromEntries(Object.entries(columns).filter(([, value]) => value != null));
    this.rows.set(key, { partitionKey, rowKey, etag: `${this.writes}`, columns: { ...before, ...given } });
    return `${this.writes}`;
  }
  #note(call: string, partition: string, row: string): void {
    this.calls.push(`${call} ${partition} ${row}`);
    if (call !== 'get') this.meddle(call);
  }
  get = async (partition: string, row: string) => {
    this.#note('get', partition, row);
    return this.rows.get(`${partition}|${row}`);
  };
  upsert = async (partition: string, row: string, columns: Columns) => {
    this.#note('upsert', partition, row);
    this.#put(partition, row, columns);
  };
  insert = async (partition: string, row: string, columns: Columns) => {
    this.#note('insert', partition, row);
    if (this.rows.has(`${partition}|${row}`)) return false;
    this.#put(partition, row, columns);
    return true;
  };
  merge = async (partition: string, row: string, columns: Columns, etag: string) => {
    this.#note('merge', partition, row);
    const before = this.rows.get(`${partition}|${row}`);
    if (before === undefined || (etag !== '*' && etag !== before.etag)) return undefined;
    return this.#put(partition, row, columns);
  };
  update = async (...given: Parameters<MemoryTable['merge']>) => (await this.merge(...given)) !== undefined;
  delete = async (partition: string, row: string, etag = '*') => {
    this.#note('delete', partition, row);
    const before = this.rows.get(`${partition}|${row}`);
    if (before !== undefined && etag !== '*' && etag !== before.etag) return false;
    this.rows.delete(`${partition}|${row}`);
    this.removed();
    return true;
  };
  async *list({ partitionKey, partitions, after, whereNotAfter = {} }: Parameters<Table['list']>[0] = {}) {
    for (const [, row] of [...this.rows].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const { partitionKey: own, rowKey } = row;
      if (partitionKey !== undefined && own !== partitionKey) continue;
      if (partitions && (own < partitions.from || own >= partitions.below)) continue;
      if (after && (own < after.partitionKey || (own === after.partitionKey && rowKey <= after.rowKey)))
        continue;
      if (Object.entries(whereNotAfter).some(([column, value]) => String(row.columns[column] ?? '') > value))
        continue;
      yield row;
    }
  }
}
