import { expect, test } from 'vitest';
import { imageFilter, imageQuery } from '../../src/api/contract/images.ts';
import {
  apiQuery,
  FACE_CHOICES,
  type FaceChoice,
  faceChoice,
  prefixes,
  toBody,
  toggled,
  withFaces,
  withoutStep,
  withValue,
} from '../../src/dashboard/views/images/filters.ts';

test('a chip pressed twice leaves the address as it was', () => {
  const search = new URLSearchParams('tag=person&text=reun*');
  const once = toggled(search, 'tag', 'outdoor');
  expect(once.getAll('tag')).toEqual(['person', 'outdoor']);
  expect([...toggled(once, 'tag', 'outdoor')].sort()).toEqual([...search].sort());
});

test.each(Object.keys(FACE_CHOICES) as FaceChoice[])(
  'the choice of faces "%s" is read back from the address',
  (choice) => {
    expect(faceChoice(withFaces(new URLSearchParams('minFaces=7'), choice))).toBe(choice);
  },
);

test('what the API is asked is what its contract takes, whatever else the address holds', () => {
  const search = withValue(new URLSearchParams('tag=a&tag=b&utm=x&text=%20&status=done'), 'batch', 'a/b');
  const query = new URLSearchParams(apiQuery(search));
  expect(query.toString()).toBe('batch=a%2Fb&status=done&tag=a&tag=b');
  const parsed = imageQuery.parse({ ...Object.fromEntries(query), tag: query.getAll('tag') });
  expect(parsed.tag).toEqual(['a', 'b']);
});

test('each word that is typed is the beginning of one, but for what stands in quotes', () => {
  expect(prefixes('reun cent')).toBe('reun* cent*');
  expect(prefixes('  person-a-1.jpg ')).toBe('person-a-1.jpg*');
  expect(prefixes('"cat" müll* !')).toBe('cat müll* !');
  expect(apiQuery(new URLSearchParams('text=reun'))).toBe('text=reun*');
});

test('a query is the body of an act, and the contract takes it', () => {
  const query = apiQuery(new URLSearchParams('text=a&tag=x&tag=y&minFaces=2&category=one'));
  const body = toBody(query);
  expect(body).toEqual({ text: 'a*', tag: ['x', 'y'], minFaces: '2', category: ['one'] });
  expect(imageFilter.parse(body)).toMatchObject({ text: 'a*', tag: ['x', 'y'], minFaces: 2 });
  expect(toBody('')).toEqual({});
});

test('days are those of whoever looks, the last one included; what is no time is left out', () => {
  const asked = (search: string) => new URLSearchParams(apiQuery(new URLSearchParams(search)));
  const both = asked('from=2026-11-26&to=2026-11-26');
  const [from, to] = [new Date(both.get('from') ?? ''), new Date(both.get('to') ?? '')];
  expect([from.getFullYear(), from.getMonth(), from.getDate(), from.getHours()]).toEqual([2026, 10, 26, 0]);
  expect([to.getFullYear(), to.getMonth(), to.getDate(), to.getHours()]).toEqual([2026, 10, 27, 0]);
  expect(asked('from=2026-11-26T10:00:00.000Z').get('from')).toBe('2026-11-26T10:00:00.000Z');
  expect(asked('from=yesterday&to=').toString()).toBe('');
});

test('what is asked of a step goes away together', () => {
  const search = new URLSearchParams('step=ocr&stepState=failed&errorCode=Broken&batch=a');
  expect(apiQuery(search)).toBe('batch=a&step=ocr&stepState=failed&errorCode=Broken');
  expect(withoutStep(search).toString()).toBe('batch=a');
});
