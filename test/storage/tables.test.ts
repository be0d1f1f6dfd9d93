import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSettings } from '../../src/domain/settings.ts';
import { openStorage, type StorageAccount } from '../../src/storage/account.ts';
import { tableKey, textOfKey } from '../../src/storage/tables.ts';
import { type Emulator, startEmulator } from '../support/emulator.ts';
import { HOSTILE_NAMES } from '../support/names.ts';

/** Any text at all, lone surrogates and control characters included. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('/', '\\', '#', '?', '!', '%', '\u0000', '\uffff', '\ud800', 'é', 'a', '0'),
    maxLength: 40,
  }),
  fc.string({ unit: 'binary', minLength: 390, maxLength: 700 }),
);

describe('a table key', () => {
  test('is legal, whatever the text', () => {
    // Source: Understanding the Table service data model: at most 1 KiB, none of / \ # ? and no control characters.
    fc.assert(
      fc.property(anyText, (text) => {
        expect(tableKey(text)).toMatch(/^[ -~]{0,512}$/);
        expect(tableKey(text)).not.toMatch(/[/\\#?%]/);
      }),
    );
  });

  test('belongs to one text only, also where one text looks like the key of another', () => {
    fc.assert(
      fc.property(anyText, anyText, (one, other) => {
        expect(tableKey(one) === tableKey(other)).toBe(one === other);
        expect(tableKey(tableKey(one)) === tableKey(one)).toBe(tableKey(one) === one);
      }),
    );
  });

  test('says which text it was made of, where it is not too long', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const key = tableKey(text);
        expect(textOfKey(key)).toBe(key.includes('!~') ? undefined : text);
      }),
    );
  });

  test('of harmless text is the text itself, as in 2017', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9 ._-]{1,100}$/), (text) => {
        expect(tableKey(text)).toBe(text);
      }),
    );
  });
});

test('a key of 400 characters is kept whole, and what is longer ends in its hash', () => {
  expect(tableKey('a'.repeat(400))).toBe('a'.repeat(400));
  expect(tableKey('a'.repeat(401))).toMatch(/^a{334}!~[0-9a-f]{64}$/);
  expect(tableKey('\n/é')).toBe('!000a!002f!00e9');
});

describe('in the table itself', () => {
  let emulator: Emulator;
  let storage: StorageAccount;
  beforeAll(async () => {
    emulator = await startEmulator();
    storage = await openStorage(readSettings({ AzureWebJobsStorage: emulator.connectionString }));
    await storage.tables.ensure(['hostile']);
  });
  afterAll(() => emulator?.stop());

  test('every name is a row of its own, read back by its name', async () => {
    const table = storage.tables.table('hostile');
    for (const [index, name] of HOSTILE_NAMES.entries()) {
      expect(await table.insert(tableKey(name), tableKey(name), { index }), JSON.stringify(name)).toBe(true);
    }
    for (const [index, name] of HOSTILE_NAMES.entries()) {
      expect((await table.get(tableKey(name), tableKey(name)))?.columns.index, JSON.stringify(name)).toBe(
        index,
      );
      const found = [];
      for await (const row of table.list({ partitionKey: tableKey(name) })) found.push(row.columns.index);
      expect(found, JSON.stringify(name)).toEqual([index]);
    }
  });

  test('pages go on where the last one ended, whatever was removed meanwhile; ranges and conditions choose rows', async () => {
    await storage.tables.ensure(['paged']);
    const table = storage.tables.table('paged');
    for (const partition of ['a', 'b', 'b~', 'c'])
      for (const row of ['1', '2', '3'])
        expect(await table.create(partition, row, { kind: row === '2' ? "it's" : 'other' })).toMatch(/./);
    expect(await table.create('a', '1', {})).toBeUndefined();
    const names: string[] = [];
    let from: string | undefined;
    do {
      const page = await table.page({ from, size: 5, select: ['kind'] });
      expect(page.rows.length).toBeLessThan(6);
      for (const { partitionKey, rowKey } of page.rows) {
        names.push(`${partitionKey}${rowKey}`);
        await table.delete(partitionKey, rowKey);
      }
      // As another process would go on, later.
      from = page.next === undefined ? undefined : JSON.parse(JSON.stringify(page.next));
    } while (from !== undefined);
    expect(names).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'b~1', 'b~2', 'b~3', 'c1', 'c2', 'c3']);

    for (const partition of ['a', 'b', 'b~', 'c']) await table.insert(partition, '1', { kind: partition });
    const listed = async (range: Parameters<typeof table.list>[0]) => {
      const found: string[] = [];
      for await (const { partitionKey } of table.list(range)) found.push(partitionKey);
      return found;
    };
    expect(await listed({ partitions: { from: 'b', below: 'c' } })).toEqual(['b', 'b~']);
    expect(await listed({ whereNot: { kind: 'a' } })).toEqual(['b', 'b~', 'c']);
    expect(await listed({ where: { kind: 'c' }, partitions: { from: 'a', below: 'd' } })).toEqual(['c']);
    expect(await listed({ after: { partitionKey: 'b', rowKey: '1' } })).toEqual(['b~', 'c']);
    expect(await listed({ after: { partitionKey: 'b', rowKey: '0' } })).toEqual(['b', 'b~', 'c']);
    expect(await listed({ partitionKey: 'b' })).toEqual(['b']);
    expect(await listed({})).toEqual(['a', 'b', 'b~', 'c']);
    expect(await listed({ size: 1 }), 'whatever the pages').toEqual(['a', 'b', 'b~', 'c']);
    expect(await listed({ size: 1, partitions: { from: 'b', below: 'c' } })).toEqual(['b', 'b~']);
  });

  test('a row is changed, replaced and removed in the version that is meant, and in no other', async () => {
    await storage.tables.ensure(['versions']);
    const table = storage.tables.table('versions');
    const columns = async () => (await table.get('p', 'r'))?.columns;
    const first = (await table.create('p', 'r', { a: 1, b: 2 })) ?? '';
    const second = (await table.merge('p', 'r', { a: 3 }, first)) ?? '';
    expect(await columns()).toEqual({ a: 3, b: 2 });
    expect((await table.get('p', 'r'))?.etag).toBe(second);
    expect((await table.get('p', 'r', ['a']))?.columns).toEqual({ a: 3 });
    expect(await table.merge('p', 'r', { a: 4 }, first)).toBeUndefined();
    expect(await table.replace('p', 'r', { a: 4 }, first)).toBeUndefined();
    expect(await table.update('p', 'r', { a: 4 }, first)).toBe(false);
    expect(await table.delete('p', 'r', first)).toBe(false);
    expect(await columns()).toEqual({ a: 3, b: 2 });
    const third = (await table.replace('p', 'r', { c: 5 }, second)) ?? '';
    expect(await columns()).toEqual({ c: 5 });
    expect(await table.update('p', 'r', { d: 6 }, third)).toBe(true);
    await table.upsert('p', 'r', { e: 7 });
    expect(await columns()).toEqual({ c: 5, d: 6, e: 7 });
    const page = await table.page({ select: ['d'] });
    expect(page.rows.map((row) => row.columns)).toEqual([{ d: 6 }]);
    expect(await table.delete('p', 'r')).toBe(true);
    expect(await table.delete('p', 'r', third), 'gone already').toBe(true);
    expect(await table.update('p', 'r', { d: 6 }, third)).toBe(false);
    expect(await columns()).toBeUndefined();
  });
});
