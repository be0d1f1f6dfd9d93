import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../../../src/local/vision/store/database.ts';
import { FaceIds } from '../../../../src/local/vision/store/face-ids.ts';
import { type FaceList, FaceLists } from '../../../../src/local/vision/store/face-lists.ts';
import { ReadOperations } from '../../../../src/local/vision/store/read-operations.ts';
import { canSeeCompiling, compiledAnew, noteStatements } from '../../compiled-anew.ts';

test.runIf(canSeeCompiling)(
  'no statement of the engine is compiled anew when it runs with other values',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'imaginem-engine-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const db = openDatabase(folder);
    onTestFinished(() => db.close());
    const { statements, prepare } = noteStatements(db);
    const print = (n: number) => Float32Array.from({ length: 128 }, (_, at) => Math.sin(n + at));
    const search = { limit: 5, maxDistance: 10, upTo: 10 };
    for (const few of [10, 1]) {
      const lists = new FaceLists(db, { few });
      lists.create('largeFaceList', { id: 'l', name: 'l', userData: null, recognitionModel: 'm' });
      const list = lists.find('largeFaceList', 'l') as FaceList;
      lists.update(list, 'l', null);
      lists.saveTraining(list, { training: undefined, previous: undefined });
      for (const n of [1, 2]) lists.addFace(list, `${n}`, null, print(n));
      lists.updateFace(list, '1', 'x');
      expect(lists.findFace(list, '1')?.userData).toBe('x');
      expect(lists.page('largeFaceList', '', 9)).toHaveLength(1);
      expect(lists.pageFaces(list, '', 1)).toHaveLength(1);
      expect((await lists.nearest(list, print(2), search))[0]?.id).toBe('2');
      expect([lists.count('largeFaceList'), lists.newestSeq(list)]).toEqual([1, expect.any(Number)]);
      await lists.deleteFace(list, '1');
      await lists.delete(list);
      await lists.close();
    }
    const ids = new FaceIds(
      db,
      () => 1,
      () => 'a',
    );
    ids.issue([print(1)], 'm', 9);
    ids.find('a');
    ids.sweep();
    const reads = new ReadOperations(db, () => 1, 9);
    reads.start('a');
    reads.move('a', 'running');
    expect(reads.find('a')?.status).toBe('running');

    const ours = [...new Set(statements)].filter((sql) => !sql.startsWith('PRAGMA'));
    expect(ours.length).toBeGreaterThan(20);
    expect(compiledAnew(db, ours, prepare)).toEqual([]);
  },
);
