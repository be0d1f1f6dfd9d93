import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRoute } from '../../../../src/local/host/http/route.ts';

test('a parameter gets back any value that was percent-encoded into the path', () => {
  const route = parseRoute('api', 'items/{id}/parts/{part}');
  const value = fc.string({ unit: 'grapheme', minLength: 1 });
  fc.assert(
    fc.property(value, value, (id, part) => {
      const path = `/api/items/${encodeURIComponent(id)}/parts/${encodeURIComponent(part)}`;
      expect(route.match(path)).toEqual({ id, part });
    }),
  );
});

test('a path never throws, whatever it is', () => {
  const routes = ['{a}/{b:int?}', 'x/{*rest}', 'x/{y?}'].map((template) => parseRoute('', template));
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'/%2fFxé{}*.\0') }), (path) => {
      for (const route of routes) route.match(`/${path}`);
    }),
  );
});

test('literals match in any case, and a slash at the end changes nothing', () => {
  expect(parseRoute('api', 'Jobs').match('/API/jobs/')).toEqual({});
});

test.each([
  ['int', '12', 'x'],
  ['long', '123456789012', '1.5'],
  ['bool', 'True', 'yes'],
  ['guid', '0f8fad5b-d9cb-469f-a165-70867728950e', '0f8fad5b'],
  ['alpha', 'abc', 'a1'],
])('the constraint %s takes "%s" and not "%s"', (constraint, right, wrong) => {
  const route = parseRoute('', `{v:${constraint}}`);
  expect(route.match(`/${right}`)).toEqual({ v: right });
  expect(route.match(`/${wrong}`)).toBeUndefined();
});

test.each([
  ['admin/keys', /built in routes/],
  ['Administration', /built in routes/],
  ['/runtime/webhooks', /built in routes/],
  ['{*rest}/more', /must stand last/],
  ['{id?}/more', /must stand last/],
  ['a-{id}', /none of a literal/],
  ['{id:even}', /does not know the constraint "even"/],
])('the route "%s" is refused', (route, message) => {
  expect(() => parseRoute('api', route)).toThrow(message);
});

test('more specific routes come first', () => {
  const templates = ['{*rest}', 'a/{b}', 'a/{b:int}', 'a/b', '{a}/{b}'];
  const sorted = templates
    .map((template) => parseRoute('', template))
    .sort((one, other) => one.rank.localeCompare(other.rank))
    .map((route) => route.template);
  expect(sorted).toEqual(['a/b', 'a/{b:int}', 'a/{b}', '{a}/{b}', '{*rest}']);
});
