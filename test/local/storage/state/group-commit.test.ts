import { DatabaseSync } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GroupCommit, type GroupOptions } from '../../../../src/local/storage/state/group-commit.ts';

function open(options: GroupOptions = {}) {
  const db = new DatabaseSync(':memory:');
  db.exec('CREATE TABLE t (x INTEGER PRIMARY KEY)');
  const points: string[] = [];
  const group = new GroupCommit(db, { at: (point) => points.push(point), ...options });
  const insert = db.prepare('INSERT INTO t VALUES (?)');
  const count = (): number => Number(db.prepare('SELECT count(*) AS n FROM t').get()?.n);
  return { db, group, points, insert, count };
}

test('is one for all of a turn, and answers reads of that turn only with it', async () => {
  const { group, points, insert, count } = open();
  const order: string[] = [];
  const works = [
    group.write(() => insert.run(1)).then(() => order.push('one')),
    group.read(count).then((n) => order.push(`read ${n}`)),
    group.write(() => insert.run(2)).then(() => order.push('two')),
  ];
  expect(points).toEqual([]);
  await Promise.all(works);
  expect(points).toEqual(['before-commit', 'committed']);
  expect(order).toEqual(['one', 'read 1', 'two']);
});

test('takes back what failed, and nothing else', async () => {
  const { group, insert, db } = open();
  const [one, two, three] = await Promise.allSettled([
    group.write(() => insert.run(1)),
    group.write(() => {
      insert.run(2);
      throw new Error('no');
    }),
    group.write(() => insert.run(3)),
  ]);
  expect([one.status, two.status, three.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(db.prepare('SELECT x FROM t').all()).toEqual(
    [{ x: 1 }, { x: 3 }].map((row) => Object.assign(Object.create(null), row)),
  );
});

test('that fails fails for all that wrote in it; who only read is told what is there without it', async () => {
  const { group, insert, db, count } = open();
  group.onCommit(() => expect.unreachable());
  const works = [group.write(() => insert.run(1)), group.write(() => insert.run(2))];
  const dropped: number[] = [];
  const read = group.read(count, (n) => dropped.push(n));
  db.exec('ROLLBACK');
  const outcomes = await Promise.allSettled(works);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await read).toBe(0);
  expect(dropped).toEqual([2]);
});

test('is not synced where nothing was changed', async () => {
  let syncs = 0;
  const { group, insert } = open({
    sync: (done) => {
      syncs += 1;
      done(undefined);
    },
  });
  await group.write(() => insert.run(1));
  await group.write(() => 'an empty queue was asked');
  expect(syncs).toBe(1);
});

test('after a sync that failed nothing is told of as kept, then or later', async () => {
  const lost: unknown[] = [];
  const syncs: ((error?: unknown) => void)[] = [];
  const { group, insert, db, count } = open({
    sync: (done) => syncs.push(done),
    onLost: (e) => lost.push(e),
  });
  const first = group.write(() => insert.run(1));
  await turn();
  const works = [first, group.read(count), group.write(() => insert.run(2))];
  syncs[0]?.(Object.assign(new Error('a bad sector'), { code: 'EIO' }));
  const outcomes = await Promise.allSettled([...works, group.write(() => insert.run(3)), group.read(count)]);
  expect(outcomes.map(({ status }) => status)).toEqual(Array(5).fill('rejected'));
  expect(lost).toHaveLength(1);
  expect(db.isTransaction).toBe(false);
  await group.settled();
});

test('whatever comes between, no answer speaks of what a power cut could undo', async () => {
  const action = fc.constantFrom('write', 'write', 'fail', 'read', 'turn', 'turn', 'synced', 'synced');
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
      /** Number of rows on the disk: what a power cut would leave. */
      let durable = 0;
      let syncing: (() => void) | undefined;
      const { group, insert, count } = open({
        sync: (done) => {
          expect(syncing).toBeUndefined();
          const kept = count();
          syncing = () => {
            syncing = undefined;
            durable = kept;
            done(undefined);
          };
        },
      });
      let next = 0;
      const answers: Promise<void>[] = [];
      const told: number[] = [];
      const run = (action: string) => {
        if (action === 'write') {
          next += 1;
          const id = next;
          answers.push(
            group
              .write(() => insert.run(id))
              .then(() => {
                told.push(id);
                expect(id).toBeLessThanOrEqual(durable);
              }),
          );
        } else if (action === 'fail') {
          answers.push(
            group
              .write(() => {
                insert.run(1_000_000);
                throw new Error('refused');
              })
              .then(
                () => expect.unreachable(),
                () => {},
              ),
          );
        } else if (action === 'read') {
          answers.push(group.read(count).then((n) => expect(n).toBeLessThanOrEqual(durable)));
        }
      };
      for (const action of actions) {
        if (action === 'turn') await turn();
        else if (action === 'synced') syncing?.();
        else run(action);
      }
      const end = Promise.all(answers);
      for (let turns = 0; turns < 10; turns += 1) {
        await turn();
        syncing?.();
      }
      await end;
      expect(told).toEqual(Array.from({ length: next }, (_, index) => index + 1));
      expect(count()).toBe(next);
    }),
  );
});
