import { describe, expect, test } from 'vitest';
import { isExpired, isPlaceholder, placeholderOf } from '../../../src/people/pfif/expiry.ts';
import type { FieldKind } from '../../../src/people/pfif/fields.ts';
import { pfifName, prefixesWithin } from '../../../src/people/pfif/namespaces.ts';
import { isMinor, personValues } from '../../../src/people/pfif/person-values.ts';
import { normalText, normalValue } from '../../../src/people/pfif/values.ts';

describe('text', () => {
  const text = ' a \t b\r\n\r\n c\u0000\rd ';
  test.each([
    ['line', 'a b c d'],
    ['lines', 'a \t b\n\n c\nd'],
    ['list', 'a b\nc\nd'],
  ] as const)('of the kind %s is %j', (kind, expected) => {
    expect(normalText(text, kind)).toBe(expected);
  });
});

describe('values', () => {
  const of = (kind: FieldKind, ...texts: string[]) => texts.map((text) => normalValue(kind, text));

  test.each<[FieldKind, string, string | undefined]>([
    ['id', 'a.example/1', 'a.example/1'],
    ['id', `a/${'x'.repeat(5000)}`, undefined],
    ['id', 'a.example/', undefined],
    ['id', 'a b/1', undefined],
    ['boolean', '1', 'true'],
    ['boolean', '0', 'false'],
    ['boolean', 'TRUE', 'true'],
    ['boolean', 'yes', undefined],
    ['sex', 'Female', 'female'],
    ['sex', 'f', undefined],
    ['url', 'https://a.example/x', 'https://a.example/x'],
    ['url', 'ftp://a.example/x', undefined],
    ['url', 'https://a.example/x y', undefined],
    ['url', 'no address', undefined],
    ['birth', '2001', '2001'],
    ['birth', '2001-02-28', '2001-02-28'],
    ['birth', '2001-02-29', undefined],
    ['birth', '2000-02-29', '2000-02-29'],
    ['birth', '0099-01-01', '0099-01-01'],
    ['birth', '2001-13', undefined],
    ['age', '12', '12'],
    ['age', '12-15', '12-15'],
    ['age', '1234', undefined],
    ['age', '12-', undefined],
    ['country', 'de', 'DE'],
    ['country', 'deu', undefined],
    ['state', 'by1', 'BY1'],
    ['state', 'by12', undefined],
    ['line', 'as it is', 'as it is'],
    ['time', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'],
    ['time', '2026-01-01T02:30:00.9+02:00', '2026-01-01T00:30:00Z'],
    ['time', '2026-01-01T00:00:00-0130', '2026-01-01T01:30:00Z'],
    ['time', '2026-02-30T00:00:00Z', undefined],
    ['time', '2026-01-01T25:00:00Z', undefined],
    ['time', '2026-01-01', undefined],
  ])('of the kind %s: %s is %s', (kind, text, expected) => {
    expect(of(kind, text)).toEqual([expected]);
  });
});

describe('a record', () => {
  const person = { person_record_id: 'a/1', full_name: 'Amal', expiry_date: '2026-01-01T00:00:00Z' } as never;
  const time = Date.parse('2026-01-01T00:00:00Z');

  test('expires at its very day, and then leaves its id and three times', () => {
    expect([isExpired(person, time - 1), isExpired(person, time)]).toEqual([false, true]);
    expect(isExpired({ full_name: 'x' } as never, time)).toBe(false);
    const left = placeholderOf(person, time + 500);
    expect(left).toEqual({
      ...{ person_record_id: 'a/1', entry_date: '2026-01-01T00:00:00Z', source_date: '2026-01-01T00:00:00Z' },
      ...{ expiry_date: '2026-01-01T00:00:00Z', full_name: '' },
    });
    expect([isPlaceholder(left), isPlaceholder(person), isPlaceholder({ full_name: '' } as never)]).toEqual([
      ...[true, false, false],
    ]);
    expect(placeholderOf({ person_record_id: 'a/1' } as never, time)).not.toHaveProperty('expiry_date');
  });

  test('says of a person what it knows, and of the rest nothing', () => {
    expect(personValues({ full_name: 'Amal' } as never, time)).toEqual({
      ...{ fullName: 'Amal', alternateNames: [], sex: null, dateOfBirth: null, description: null },
      ...{ sourceName: null, sourceDate: null, sourceUrl: null, expiryDate: null, minor: null },
    });
    const whole = {
      ...{
        full_name: 'Amal',
        alternate_names: 'A\nB',
        sex: 'female',
        date_of_birth: '2001',
        description: 'd',
      },
      ...{
        source_name: 's',
        source_date: '2026-01-01T00:00:00Z',
        source_url: 'u',
        expiry_date: '2027-01-01T00:00:00Z',
      },
    };
    expect(personValues(whole as never, time)).toEqual({
      ...{
        fullName: 'Amal',
        alternateNames: ['A', 'B'],
        sex: 'female',
        dateOfBirth: '2001',
        description: 'd',
      },
      ...{ sourceName: 's', sourceDate: '2026-01-01T00:00:00.000Z', sourceUrl: 'u' },
      ...{ expiryDate: '2027-01-01T00:00:00.000Z', minor: false },
    });
  });

  test('makes somebody a child wherever it leaves room for that', () => {
    const now = Date.parse('2026-06-15T12:00:00Z');
    const minor = (record: object) => isMinor(record, now);
    expect(minor({})).toBeUndefined();
    expect([minor({ date_of_birth: '2008-06-15' }), minor({ date_of_birth: '2008-06-16' })]).toEqual([
      false,
      true,
    ]);
    expect([minor({ date_of_birth: '2007' }), minor({ date_of_birth: '2008' })]).toEqual([false, true]);
    expect([minor({ date_of_birth: '2008-05' }), minor({ date_of_birth: '2008-06' })]).toEqual([false, true]);
    // Of a month that is known alone its last day counts, whatever the month is long.
    const on = (day: string, birth: string) =>
      isMinor({ date_of_birth: birth }, Date.parse(`${day}T12:00:00Z`));
    for (const [birth, last] of [
      ['2008-01', '2026-01-31'],
      ['2008-06', '2026-06-30'],
      ['2008-12', '2026-12-31'],
      ['2006-02', '2024-02-28'],
      ['2007-02', '2025-02-28'],
      ['2008', '2026-12-31'],
    ] as const) {
      const dayBefore = new Date(Date.parse(last) - 86_400_000).toISOString().slice(0, 10);
      expect([on(dayBefore, birth), on(last, birth)], birth).toEqual([true, false]);
    }
    // Born on the leap day, of age in a year without one: on the first of March.
    expect([on('2026-02-28', '2008-02'), on('2026-03-01', '2008-02')]).toEqual([true, false]);
    expect([on('2026-02-28', '2008-02-29'), on('2026-03-01', '2008-02-29')]).toEqual([true, false]);
    expect([
      minor({ age: '17' }),
      minor({ age: '18' }),
      minor({ age: '17-30' }),
      minor({ age: 'x' }),
    ]).toEqual([...[true, false, true, undefined]]);
    const since = (age: string, year: number) => minor({ age, source_date: `${year}-01-01T00:00:00Z` });
    expect([since('16', 2024), since('16', 2023), since('17', 2025), since('17', 2024)]).toEqual([
      ...[true, false, true, false],
    ]);
    expect(minor({ date_of_birth: '1990', age: '5' }), 'the day goes before').toBe(false);
  });
});

test('a prefix stands for PFIF as far as it is declared', () => {
  const PFIF = 'http://zesty.ca/pfif/1.4';
  const none: ReadonlySet<string> = new Set();
  const root = prefixesWithin(
    none,
    `<pfif:pfif xmlns:pfif="${PFIF}" xmlns='${PFIF}' xmlns:other="http://x">`,
  );
  expect([...root].sort()).toEqual(['', 'pfif']);
  expect(prefixesWithin(root, '<person>')).toBe(root);
  const inner = prefixesWithin(root, '<a xmlns="http://x">');
  expect([...inner]).toEqual(['pfif']);
  expect([...root].sort(), 'those around it stay').toEqual(['', 'pfif']);
  expect([pfifName('pfif:person', root), pfifName('person', root), pfifName('other:person', root)]).toEqual([
    ...['person', 'person', undefined],
  ]);
  expect(pfifName('person', inner)).toBeUndefined();
});
