import { statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { DIMENSIONS } from '../../../src/local/vision/face/faceprint-index.ts';
import { LargeIndexes } from '../../../src/local/vision/face/large-indexes.ts';
import { seeded } from '../../reliability/random.ts';
import { smallDisk } from '../../support/small-disk.ts';

test('faces whose index finds no room on the disk are found all the same, and its file hides none of them later', async ({
  skip,
}) => {
  const disk = smallDisk('256k');
  if (!disk) {
    skip('Only root may mount a small file system.');
    return;
  }
  const file = path.join(disk.folder, 'list.faces');
  const indexes = new LargeIndexes();
  const print = (seq: number) => {
    const random = seeded(seq);
    return Float32Array.from({ length: DIMENSIONS }, () => random() / 5 - 0.1);
  };
  const append = (from: number, count: number) => {
    const prints = new Float32Array(count * DIMENSIONS);
    for (let i = 0; i < count; i += 1) prints.set(print(from + i), i * DIMENSIONS);
    const seqs = Float64Array.from({ length: count }, (_, i) => from + i);
    return indexes.ask({ kind: 'append', list: 1, seqs, prints });
  };
  const find = async (seq: number) =>
    (
      await indexes.ask({
        ...{ kind: 'search', list: 1, query: print(seq) },
        ...{ limit: 1, maxDistance: 0.1, upTo: Number.MAX_SAFE_INTEGER },
      })
    ).seqs;
  try {
    await indexes.ask({ kind: 'open', list: 1, path: file });
    await append(1, 400);
    writeFileSync(path.join(disk.folder, 'of-somebody-else'), Buffer.alloc(150 * 1024));
    expect((await append(401, 1000)).live).toBe(1400);
    expect((await append(1401, 10)).live).toBe(1410);
    for (const seq of [1, 400, 401, 1400, 1410]) expect(await find(seq)).toEqual([seq]);
    expect(statSync(file).size).toBe(0);
    // As after a restart: whatever the file does not hold is taken from the database.
    await indexes.ask({ kind: 'wipe', list: 1, seq: 1 });
    await indexes.ask({ kind: 'close', list: 1 });
    expect((await indexes.ask({ kind: 'open', list: 1, path: file })).lastSeq).toBe(0);
    await indexes.ask({ kind: 'close', list: 1 });
  } finally {
    await indexes.close();
    disk.remove();
  }
});
