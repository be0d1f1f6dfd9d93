import { expect, test } from 'vitest';
import { isLinkedContent } from '../../src/domain/linked-content.ts';

test('a link is an object with the name of a blob and nothing else', () => {
  const isLink = (linked_content: unknown) => isLinkedContent({ linked_content });
  for (const name of ['a', 'a/b.json', 'x'.repeat(1024), 'a..b', 'a/.b'])
    expect(isLink(name), name).toBe(true);
  for (const name of ['', 'x'.repeat(1025), 'https://a', '/a', 'a\\b', '..', '../a', 'a/..', 'a/./b', 7])
    expect(isLink(name), String(name)).toBe(false);
  for (const value of [undefined, null, 'a', [], {}, { linked_content: 'a', more: 1 }])
    expect(isLinkedContent(value)).toBe(false);
});
