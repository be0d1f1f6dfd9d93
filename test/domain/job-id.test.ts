import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchOf, jobIdOf, jobKey, MAX_BATCH_ID } from '../../src/domain/job-id.ts';

const folderOf = (length: number, last = 'x') => `${'a'.repeat(length - 1)}${last}`;

describe('a batch', () => {
  test.each([
    ['photo.jpg', 'default'],
    ['/photo.jpg', 'default'],
    ['trip/photo.jpg', 'trip'],
    ['trip/day one/photo.jpg', 'trip/day one'],
    ['trip  /photo.jpg', 'trip'],
  ])('of %j is %j', (blob, batch) => {
    expect(batchOf(blob)).toBe(batch);
  });

  test('keeps its name as long as the column holds it, and fills the column where it does not', () => {
    // What an indexed column of SQL Server holds: 900 bytes.
    expect(MAX_BATCH_ID).toBe(450);
    const longest = folderOf(MAX_BATCH_ID);
    expect(batchOf(`${longest}/a.jpg`)).toBe(longest);
    const cut = batchOf(`${folderOf(MAX_BATCH_ID + 1)}/a.jpg`);
    expect(cut).toHaveLength(MAX_BATCH_ID);
    expect(cut).toMatch(/^a+~[0-9a-f]{32}$/);
    expect(batchOf(`${folderOf(MAX_BATCH_ID + 1, 'y')}/a.jpg`)).not.toBe(cut);
  });

  test('is never too long, never without a name, and never half a character, whatever the folder is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 900 }), (folder) => {
        const batch = batchOf(`${folder}/a.jpg`);
        expect(batch.length).toBeLessThanOrEqual(MAX_BATCH_ID);
        expect(batch).not.toBe('');
        expect(batch.endsWith(' ')).toBe(false);
        if (folder.isWellFormed()) expect(batch.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe('a job id', () => {
  test('is one for each version of a blob, and another where container, name or version differ', () => {
    const one = jobIdOf('inputimages', 'a/b.jpg', 'etag');
    expect(one).toMatch(/^[0-9a-f]{32}$/);
    expect(jobIdOf('inputimages', 'a/b.jpg', 'etag')).toBe(one);
    for (const spelt of ['"etag"', 'W/"etag"']) expect(jobIdOf('inputimages', 'a/b.jpg', spelt)).toBe(one);
    const others = [
      jobIdOf('inputimages', 'a/b.jpg', 'etag2'),
      jobIdOf('inputimages', 'a/c.jpg', 'etag'),
      jobIdOf('other', 'a/b.jpg', 'etag'),
      // What stands at the end of one part is not the beginning of the next.
      jobIdOf('inputimages', 'a/b.jpge', 'tag'),
    ];
    expect(new Set([one, ...others]).size).toBe(5);
  });

  test('is its own key where it is harmless, and has a key of its own where it is not', () => {
    for (const id of ['a', 'A_-9', 'b'.repeat(64)]) expect(jobKey(id)).toBe(id);
    for (const id of ['', '-a', 'ä', 'a/b', 'b'.repeat(65), `x${'0'.repeat(32)}`])
      expect(jobKey(id)).toMatch(/^x[0-9a-f]{32}$/);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (one, other) => {
        expect(jobKey(one) === jobKey(other)).toBe(one === other);
      }),
    );
  });
});
