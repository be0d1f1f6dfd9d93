import { expect, test } from 'vitest';
import { regrouped } from '../../src/people/regrouped.ts';

/** Groups as words: each letter is a face, each word a group, which goes by its first letter. */
const before = (...groups: string[]) =>
  new Map(
    groups.flatMap((faces) => [...faces].map((face) => [face, { group: faces[0] as string }] as const)),
  );

test.each([
  ['nothing has changed', ['ab', 'cd'], ['ab', 'cd'], ''],
  ['one has joined', ['ab'], ['abc'], 'abc'],
  ['one has left', ['abc'], ['ab', 'c'], 'abc'],
  ['two groups are one', ['ab', 'cd'], ['abcd'], 'abcd'],
  ['two groups have exchanged faces and are as large as they were', ['ab', 'cd'], ['ac', 'bd'], 'acbd'],
  ['one of two has gone', ['ab'], ['a'], 'a'],
  ['two that were alone are together', [], ['ab'], 'ab'],
  ['one that was alone is alone', [], ['a'], ''],
  ['one group of two has changed', ['ab', 'cd'], ['ab', 'cde'], 'cde'],
])('%s', (_, then, now, concerned) => {
  expect(
    regrouped(
      before(...then),
      now.map((faces) => ({ faces: [...faces] })),
    ).join(''),
  ).toBe(concerned);
});
