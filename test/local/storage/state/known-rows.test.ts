import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { GroupCommit } from '../../../../src/local/storage/state/group-commit.ts';
import { KnownRows } from '../../../../src/local/storage/state/known-rows.ts';

function open() {
  const db = new DatabaseSync(':memory:');
  db.exec('CREATE TABLE t (account TEXT, name TEXT, value INTEGER)');
  const group = new GroupCommit(db);
  const one = db.prepare('SELECT value FROM t WHERE account = ? AND name = ?');
  let reads = 0;
  const known = new KnownRows<{ value: number }>(group, (account, name) => {
    reads += 1;
    return one.get(account, name) as { value: number } | undefined;
  });
  const insert = db.prepare('INSERT INTO t VALUES (?, ?, ?)');
  return { db, group, known, insert, reads: () => reads };
}

test('a row is read once, one that is not there each time', () => {
  const { known, insert, reads } = open();
  expect(known.find('a', 'one')).toBeUndefined();
  insert.run('a', 'one', 1);
  insert.run('b', 'one', 2);
  for (let time = 0; time < 3; time += 1) {
    expect(known.find('a', 'one')?.value).toBe(1);
    expect(known.find('b', 'one')?.value).toBe(2);
  }
  expect(reads()).toBe(3);
});

test('what a write read before it was taken back is not known', async () => {
  const { group, known, insert } = open();
  const works = [
    group.write(() => {
      insert.run('a', 'one', 1);
      expect(known.find('a', 'one')?.value).toBe(1);
      throw new Error('no');
    }),
    group.write(() => known.find('a', 'one')),
  ];
  const [, found] = await Promise.allSettled(works);
  expect(found).toMatchObject({ status: 'fulfilled', value: undefined });
});

test('nor what a transaction read whose commit fails', async () => {
  const { db, group, known, insert } = open();
  const write = group.write(() => {
    insert.run('a', 'one', 1);
    return known.find('a', 'one');
  });
  db.exec('ROLLBACK');
  await expect(write).rejects.toThrow();
  expect(known.find('a', 'one')).toBeUndefined();
});

test('many names do not stay', () => {
  const { known, insert, reads } = open();
  for (let index = 0; index < 1001; index += 1) {
    insert.run('a', `${index}`, index);
    known.find('a', `${index}`);
  }
  known.find('a', '0');
  expect(reads()).toBe(1002);
});
