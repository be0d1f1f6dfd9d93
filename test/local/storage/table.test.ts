import { odata, TableClient, TableServiceClient, TableTransaction } from '@azure/data-tables';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestStorage, type TestStorage } from './support.ts';

let storage: TestStorage;
let service: TableServiceClient;
const options = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } };
beforeAll(async () => {
  storage = await startTestStorage();
  service = TableServiceClient.fromConnectionString(storage.connectionString, options);
});
afterAll(() => storage?.end());

let made = 0;
async function newTable(): Promise<TableClient> {
  made += 1;
  const table = TableClient.fromConnectionString(storage.connectionString, `Table${made}`, options);
  await table.createTable();
  return table;
}

const status = (statusCode: number, code?: string) =>
  expect.objectContaining({
    statusCode,
    ...(code !== undefined && {
      details: expect.objectContaining({ odataError: expect.objectContaining({ code }) }),
    }),
  });

async function rows(table: TableClient, filter?: string, select?: string[]) {
  const found = [];
  const queryOptions = { ...(filter !== undefined && { filter }), ...(select && { select }) };
  for await (const entity of table.listEntities({ queryOptions })) found.push(entity);
  return found;
}

test('an entity comes back with every type as it went', async () => {
  const table = await newTable();
  const entity = {
    partitionKey: "it's é",
    rowKey: '%+ &=:',
    text: 'a "quoted" \\ line\n',
    empty: '',
    int: 7,
    double: 1.5,
    yes: true,
    long: 9_007_199_254_740_993n,
    when: new Date('2026-01-02T03:04:05.678Z'),
    bytes: new Uint8Array([0, 1, 255]),
    guid: { type: 'Guid', value: '0F8FAD5B-D9CB-469F-A165-70867728950E' } as const,
    nothing: undefined,
  };
  const { etag } = await table.createEntity(entity);
  const found = await table.getEntity(entity.partitionKey, entity.rowKey);
  const { nothing: _, ...kept } = entity;
  expect(found).toMatchObject({ ...kept, guid: expect.anything(), bytes: expect.anything(), etag });
  expect([...(found.bytes as Uint8Array)]).toEqual([0, 1, 255]);
  expect(found.timestamp).toMatch(/^\d{4}-.*Z$/);
  expect((await rows(table))[0]).toMatchObject({ text: entity.text, etag });
  expect(
    await table.getEntity(entity.partitionKey, entity.rowKey, { queryOptions: { select: ['int'] } }),
  ).toMatchObject({
    int: 7,
  });
  await expect(table.createEntity(entity)).rejects.toEqual(status(409, 'EntityAlreadyExists'));
});

test('merge keeps, replace drops, upsert makes, and a stale ETag is refused', async () => {
  const table = await newTable();
  const key = { partitionKey: 'p', rowKey: 'r' };
  await expect(table.updateEntity({ ...key, a: 1 }, 'Merge')).rejects.toEqual(
    status(404, 'ResourceNotFound'),
  );
  await table.upsertEntity({ ...key, a: 1, long: 5n }, 'Merge');
  const { etag: first = '' } = await table.upsertEntity({ ...key, b: 2 }, 'Merge');
  expect(await table.getEntity('p', 'r')).toMatchObject({ a: 1, b: 2, long: 5n });
  await table.updateEntity({ ...key, long: 'text now' }, 'Merge', { etag: first });
  expect(await table.getEntity('p', 'r')).toMatchObject({ a: 1, long: 'text now' });
  await expect(table.updateEntity({ ...key, c: 3 }, 'Merge', { etag: first })).rejects.toEqual(
    status(412, 'UpdateConditionNotSatisfied'),
  );
  await expect(table.deleteEntity('p', 'r', { etag: first })).rejects.toEqual(status(412));
  await table.updateEntity({ ...key, only: 1 }, 'Replace');
  const found = await table.getEntity('p', 'r');
  expect(found.a).toBeUndefined();
  expect(found.only).toBe(1);
  await table.deleteEntity('p', 'r');
  await expect(table.getEntity('p', 'r')).rejects.toEqual(status(404, 'ResourceNotFound'));
  await expect(table.deleteEntity('p', 'r')).rejects.toEqual(status(404, 'ResourceNotFound'));
});

test('a query filters by keys and properties of every type, in the order of the keys', async () => {
  const table = await newTable();
  for (const pk of ['a', "b'b", 'c']) {
    for (const rk of ['1', '2', '3']) {
      await table.createEntity({
        partitionKey: pk,
        rowKey: rk,
        n: Number(rk),
        big: BigInt(rk) * 10_000_000_000n,
        even: rk === '2',
        at: new Date(`2026-01-0${rk}T00:00:00Z`),
        bytes: new Uint8Array([Number(rk)]),
        ...(rk === '3' && { extra: 'x' }),
      });
    }
  }
  const keys = async (filter?: string) =>
    (await rows(table, filter)).map(({ partitionKey, rowKey }) => `${partitionKey}${rowKey}`).join(' ');
  expect(await keys()).toBe("a1 a2 a3 b'b1 b'b2 b'b3 c1 c2 c3");
  expect(await keys(odata`PartitionKey eq ${"b'b"} and RowKey gt '1'`)).toBe("b'b2 b'b3");
  expect(await keys("(PartitionKey gt 'a' or (PartitionKey eq 'a' and RowKey gt '2')) and n ne 2")).toBe(
    "a3 b'b1 b'b3 c1 c3",
  );
  expect(await keys("PartitionKey eq 'a' and (n le 1 or n ge 3)")).toBe('a1 a3');
  expect(await keys("PartitionKey eq 'a' and not (n eq 2)")).toBe('a1 a3');
  expect(await keys("PartitionKey eq 'c' and even eq true")).toBe('c2');
  expect(await keys("PartitionKey eq 'c' and even")).toBe('c2');
  expect(await keys("PartitionKey eq 'c' and big gt 15000000000L")).toBe('c2 c3');
  expect(await keys("PartitionKey eq 'c' and at lt datetime'2026-01-02T00:00:00Z'")).toBe('c1');
  expect(await keys("PartitionKey eq 'c' and bytes eq X'02'")).toBe('c2');
  expect(await keys("PartitionKey eq 'c' and extra eq 'x'")).toBe('c3');
  expect(await keys("'c' eq PartitionKey and '2' le RowKey")).toBe('c2 c3');
  expect(await keys("PartitionKey eq 'none'")).toBe('');
  for (const wrong of ['PartitionKey eq', "a eq 'x", '(a eq 1', 'a eq 1)', 'a is 1', "guid'x' eq a", '§']) {
    await expect(keys(wrong)).rejects.toEqual(status(400, 'InvalidInput'));
  }
});

test('pages go on where they stopped, and a continuation that is none is refused', async () => {
  const table = await newTable();
  const transaction = new TableTransaction();
  for (let index = 0; index < 95; index += 1) {
    transaction.createEntity({ partitionKey: 'p', rowKey: String(index).padStart(3, '0'), index });
  }
  await table.submitTransaction(transaction.actions);
  const sizes: number[] = [];
  const seen: unknown[] = [];
  for await (const page of table.listEntities().byPage({ maxPageSize: 40 })) {
    sizes.push(page.length);
    seen.push(...page.map(({ index }) => index));
  }
  expect(sizes).toEqual([40, 40, 15]);
  expect(seen).toEqual(Array.from({ length: 95 }, (_, index) => index));
  const continuationToken = Buffer.from(JSON.stringify({ nextPartitionKey: 'x', nextRowKey: 'y' })).toString(
    'base64',
  );
  await expect(table.listEntities().byPage({ continuationToken }).next()).rejects.toEqual(
    status(400, 'InvalidQueryParameterValue'),
  );
});

test('of a row that a transaction names twice that is told, not what else is wrong with it', async () => {
  const table = await newTable();
  const entity = { partitionKey: 'p', rowKey: 'r' };
  await expect(
    table.submitTransaction([
      ['upsert', entity],
      ['create', { ...entity, text: 'x'.repeat(32_769) }],
    ]),
  ).rejects.toMatchObject({ statusCode: 400, code: 'InvalidDuplicateRow' });
  expect(await rows(table)).toEqual([]);
});

test('a transaction is done as a whole or not at all', async () => {
  const table = await newTable();
  const key = (rowKey: string) => ({ partitionKey: 'p', rowKey });
  await table.createEntity({ ...key('there'), a: 1 });
  const done = await table.submitTransaction([
    ['create', { ...key('one'), text: 'é\r\n--x' }],
    ['upsert', { ...key('two'), a: 1 }, 'Replace'],
    ['update', { ...key('there'), b: 2 }, 'Merge'],
  ]);
  expect(done.subResponses.map(({ status: code }) => code)).toEqual([204, 204, 204]);
  expect(await table.getEntity('p', 'there')).toMatchObject({ a: 1, b: 2 });
  expect(await table.getEntity('p', 'one')).toMatchObject({ text: 'é\r\n--x' });
  await expect(
    table.submitTransaction([
      ['delete', key('one')],
      ['create', { ...key('two'), a: 1 }],
    ]),
  ).rejects.toMatchObject({ statusCode: 409, code: 'EntityAlreadyExists' });
  expect(await table.getEntity('p', 'one')).toBeDefined();
  await table.submitTransaction([['delete', key('one')]]);
  expect((await rows(table)).map(({ rowKey }) => rowKey)).toEqual(['there', 'two']);
});

test('tables are made once whatever their case, listed and deleted', async () => {
  await service.createTable('Listed');
  await service.createTable('Listing');
  // The SDK takes a conflict for success.
  await service.createTable('LISTED');
  const names: unknown[] = [];
  for await (const { name } of service.listTables({ queryOptions: { filter: "TableName ge 'List'" } }))
    names.push(name);
  expect(names.filter((name) => String(name).startsWith('List'))).toEqual(['Listed', 'Listing']);
  await service.deleteTable('Listed');
  const gone = TableClient.fromConnectionString(storage.connectionString, 'Listed', options);
  await expect(gone.createEntity({ partitionKey: 'p', rowKey: 'r' })).rejects.toEqual(
    status(404, 'TableNotFound'),
  );
  await expect(service.createTable('1no')).rejects.toEqual(status(400));
  expect(await service.getProperties()).toMatchObject({ logging: { version: '1.0' } });
});

test('limits of keys, properties and entities are the service’s', async () => {
  const table = await newTable();
  const at = (more: object) => table.createEntity({ partitionKey: 'p', rowKey: 'r', ...more });
  await expect(at({ rowKey: 'a/b' })).rejects.toEqual(status(400));
  await expect(at({ rowKey: 'x'.repeat(513) })).rejects.toEqual(status(400));
  await expect(at({ text: 'x'.repeat(32 * 1024 + 1) })).rejects.toEqual(status(400, 'PropertyValueTooLarge'));
  const many = Object.fromEntries(Array.from({ length: 253 }, (_, index) => [`p${index}`, 1]));
  await expect(at(many)).rejects.toEqual(status(400, 'TooManyProperties'));
  const large = Object.fromEntries(
    Array.from({ length: 20 }, (_, index) => [`p${index}`, 'x'.repeat(30_000)]),
  );
  await expect(at(large)).rejects.toEqual(status(400, 'EntityTooLarge'));
  await at({ text: 'x'.repeat(32 * 1024) });
});
