import { describe, expect, test } from 'vitest';
import { exportPage } from '../../../src/admin/pfif-export.ts';
import { importPfif } from '../../../src/admin/pfif-import.ts';
import { subject } from '../../../src/audit/subject.ts';
import { document, noteText, personText } from '../../people/pfif/records.ts';

/** PFIF out and in, without a database. */
const NOW = Date.parse('2026-06-01T00:00:00Z');
const { signal } = new AbortController();
const ALL = { domain: 'us.example', photographs: true, minors: true, closed: true, deaths: true };
const record = {
  person_record_id: 'a.org/1',
  source_date: '2026-01-02T03:04:05Z',
  full_name: 'Old',
  photo_url: 'https://a.org/1.jpg',
  profile_urls: 'https://a.org/p',
  home_city: 'Bern',
};
const person = (id: string, more: object = {}) => ({
  ...{
    id,
    record,
    fullName: 'Ana',
    alternateNames: ['A', 'B'],
    sex: 'female',
    dateOfBirth: '1990',
    description: null,
  },
  ...{
    sourceName: null,
    sourceUrl: null,
    entryDate: '2026-02-01T00:00:00.500Z',
    expiryDate: null,
    changedAt: '2026-03-01T00:00:00.000Z',
  },
  ...{ minor: false, hidden: false, closed: false, enquiry: undefined, ...more },
});
const note = (id: string, more: object = {}) => ({
  note_record_id: `a.org/${id}`,
  person_record_id: 'a.org/1',
  author_name: 'B',
  source_date: '2026-01-02T03:04:05Z',
  ...more,
});

async function give(
  persons: object[],
  options: object = {},
  { notes = [] as object[], after = undefined as string | undefined, limit = 9 } = {},
) {
  const did: object[] = [];
  const page = await exportPage(
    'ann',
    { ...ALL, ...options },
    {
      ledger: {
        exportable: async (query: object) => {
          did.push(query);
          return persons;
        },
        notesOf: async () => new Map([['p', notes]]),
      },
      clock: () => NOW,
      audit: { record: async (entry: object) => void did.push(entry) },
    } as never,
    { after, limit },
  );
  const fields = page.records.map((xml) =>
    [...xml.matchAll(/<pfif:(\w+)>([^<]*)<\/pfif:\1>/g)].map(([, name, value]) => `${name} ${value}`),
  );
  return { ...page, fields, did };
}

describe('an export', () => {
  test('has what people here know before what came, and is written down', async () => {
    const { fields, did, next } = await give([person('p')], {}, { after: 'o', limit: 1 });
    expect(fields[0]).toEqual([
      'person_record_id a.org/1',
      'entry_date 2026-02-01T00:00:00Z',
      'source_date 2026-01-02T03:04:05Z',
      'full_name Ana',
      'alternate_names A\nB',
      'sex female',
      'date_of_birth 1990',
      'home_city Bern',
      'photo_url https://a.org/1.jpg',
      'profile_urls https://a.org/p',
    ]);
    const { domain: _, ...detail } = ALL;
    expect(did).toEqual([
      { limit: 1, after: 'o' },
      { who: 'ann', action: 'pfif.exported', about: [subject.person('p')], detail },
    ]);
    expect(next).toBe('p');
    expect((await give([person('p')])).next).toBeUndefined();
    expect((await give([person('p')])).did[0]).toEqual({ limit: 9 });
  });

  test('of somebody without a record has an id and a source of ours', async () => {
    const own = { record: undefined, fullName: null, alternateNames: [], sex: null, dateOfBirth: null };
    expect((await give([person('p', own)])).fields[0]).toEqual([
      'person_record_id us.example/person.p',
      'entry_date 2026-02-01T00:00:00Z',
      'source_name us.example',
      'source_date 2026-03-01T00:00:00Z',
      'full_name ',
    ]);
    const named = { ...own, sourceName: 'S', description: 'd', sourceUrl: 'https://s.org' };
    expect((await give([person('p', named)])).fields[0]).toEqual(
      expect.arrayContaining(['source_name S', 'description d', 'source_url https://s.org']),
    );
  });

  test.each([
    [{ hidden: true }, {}, { hidden: 1 }],
    [{ minor: true }, {}, {}],
    [{ minor: true }, { minors: false }, { minors: 1 }],
    [{ dateOfBirth: '2015' }, { minors: false }, { minors: 1 }],
    [{ dateOfBirth: null, record: { ...record, date_of_birth: '2015' } }, { minors: false }, { minors: 1 }],
    [{}, { minors: false }, {}],
    [{ closed: true }, { closed: false }, { closed: 1 }],
    [{ closed: true }, {}, {}],
    [{ hidden: true, minor: true, closed: true }, { minors: false, closed: false }, { hidden: 1 }],
  ])('of a person who is %j, asked for with %j, leaves out %j', async (of, options, leftOut) => {
    const { records, did, ...page } = await give([person('p', of)], options);
    expect(page.leftOut).toEqual({ minors: 0, closed: 0, hidden: 0, ...leftOut });
    const isGiven = Object.keys(leftOut).length === 0;
    expect(records).toHaveLength(isGiven ? 1 : 0);
    expect((did[1] as { about: string[] }).about).toHaveLength(isGiven ? 1 : 0);
  });

  test.each([
    [{}, {}, true],
    [{}, { photographs: false }, false],
    [{ minor: true }, {}, false],
    [{ closed: true }, {}, false],
  ])('of a person who is %j, asked for with %j, shows a face: %s', async (of, options, isShown) => {
    const notes = [note('n', { photo_url: 'https://a.org/n.jpg' })];
    const { records } = await give([person('p', of)], options, { notes });
    expect(records[0]?.includes('1.jpg')).toBe(isShown);
    expect(records[0]?.includes('profile_urls')).toBe(isShown);
    expect(records[0]?.includes('n.jpg')).toBe(isShown);
  });

  test('has notes under the id of their person, of the dead only where that is asked for, and says who is sought', async () => {
    const dead = note('d', { status: 'believed_dead', person_record_id: 'other/1' });
    const texts = async (notes: object[], options: object = {}, of: object = {}) =>
      ((await give([person('p', of)], options, { notes })).fields[0] ?? [])
        .filter((one) => /^(note_record|status|author|person_record)/.test(one))
        .slice(1);
    const ofDead = [
      'note_record_id a.org/d',
      'person_record_id a.org/1',
      'author_name B',
      'status believed_dead',
    ];
    expect(await texts([dead])).toEqual(ofDead);
    expect(await texts([dead], { deaths: false })).toEqual([]);
    const enquiry = { enquiry: { id: 'e', openedAt: '2026-04-01T00:00:00.000Z' } };
    const sought = [
      'note_record_id us.example/enquiry.e',
      'person_record_id a.org/1',
      'author_name us.example',
      'status information_sought',
    ];
    expect(await texts([], {}, enquiry)).toEqual(sought);
    expect(await texts([note('n')], {}, enquiry)).toEqual([
      'note_record_id a.org/n',
      'person_record_id a.org/1',
      'author_name B',
      ...sought,
    ]);
    expect(await texts([dead], {}, enquiry), 'what is said already').toEqual(ofDead);
    expect(await texts([dead], { deaths: false }, enquiry)).toEqual(sought);
  });

  test('leaves of one whose time is over a placeholder', async () => {
    const over = {
      expiryDate: '2026-06-01T00:00:00.000Z',
      enquiry: { id: 'e', openedAt: '2026-04-01T00:00:00.000Z' },
    };
    expect((await give([person('p', over)], {}, { notes: [note('n')] })).fields[0]).toEqual([
      ...[
        'person_record_id a.org/1',
        'entry_date 2026-06-01T00:00:00Z',
        'expiry_date 2026-06-01T00:00:00Z',
        'source_date 2026-06-01T00:00:00Z',
        'full_name ',
      ],
    ]);
    const later = { expiryDate: '2026-06-01T00:00:01.000Z' };
    expect((await give([person('p', later)])).fields[0]).toContain('full_name Ana');
  });
});

describe('an import', () => {
  /** @param sought pages of persons who are sought */
  async function take(
    xml: string,
    { enquiries = false, sought = [] as object[][], photograph = async () => undefined as unknown } = {},
  ) {
    const did: unknown[] = [];
    const writes: number[] = [];
    const sentences: string[] = [];
    const deps = {
      clock: () => NOW,
      people: {
        write: async (work: (transaction: object) => Promise<unknown>) => {
          writes.push(0);
          return work({
            ...{ at: 'T', newId: () => 'new', audit: () => {}, touch: () => {} },
            session: {
              read: async () => [[]],
              run: async (statements: { parts: string[] }[]) => {
                const made = statements.filter(({ parts }) =>
                  parts[0]?.includes('INSERT INTO person ('),
                ).length;
                writes.push((writes.pop() ?? 0) + made);
                return 1;
              },
            },
          });
        },
        persons: { erase: async (...given: unknown[]) => void did.push(['erased', ...given]) },
      },
      ledger: {
        sought: async (query: object) => {
          did.push(query);
          return sought.shift() ?? [];
        },
        enquiryOpened: async (...given: unknown[]) => void did.push(['opened', ...given]),
      },
      openEnquiry: async (values: object) => {
        did.push(values);
        return 'e';
      },
      addPhotograph: async (...given: unknown[]) => void did.push(['photograph', ...given]),
      photograph,
    };
    const options = { purpose: 'p', legalBasis: 'l', deaths: false, enquiries };
    const report = await importPfif([Buffer.from(xml)], 'ann', options, deps as never, signal, (one) =>
      sentences.push(one),
    );
    return { report, did, writes, sentences };
  }

  test('writes a hundred records at a time, and tells of all that could not be read, of a hundred in sentences', async () => {
    const people = (count: number) =>
      Array.from({ length: count }, (_, n) => personText(`a.org/${n}`)).join('\n');
    expect((await take(document(people(201)))).writes).toEqual([100, 100, 1]);
    expect((await take(document(people(100)))).writes).toEqual([100]);
    expect((await take(document(''))).writes).toEqual([]);
    const { report, sentences } = await take(document('<pfif:animal/>'.repeat(101)));
    expect([report.refused.count, report.refused.sentences.length, sentences.length]).toEqual([
      101, 100, 101,
    ]);
    expect(report.ended).toBeNull();
  });

  test('counts what was left out of records, and unknown names up to fifty', async () => {
    const names = Array.from({ length: 52 }, (_, n) => `<pfif:x${n}>1</pfif:x${n}>`).join('');
    const xml = document(
      personText('a.org/1', `<pfif:sex>x</pfif:sex>${names}`) +
        personText('a.org/2', `<pfif:sex>y</pfif:sex><pfif:x0>1</pfif:x0><pfif:x51>1</pfif:x51>`),
    );
    const { report } = await take(xml);
    expect(report.leftOut).toEqual({ sex: 2 });
    expect(report.unknown).toMatchObject({ x0: 2, x49: 1, others: 3 });
    expect(Object.keys(report.unknown)).toHaveLength(51);
    const long = await take(
      document(personText('a.org/1', `<pfif:${'x'.repeat(150)}>1</pfif:${'x'.repeat(150)}>`)),
    );
    expect(Object.keys(long.report.unknown)).toEqual(['x'.repeat(100)]);
  });

  test('that is no PFIF, or is cut off, says so, and keeps what came before', async () => {
    expect((await take('<a/>')).report.ended).toMatchObject({ code: 'NotPfif' });
    const cut = await take(document(personText('a.org/1')).replace('</pfif:pfif>', ''));
    expect([cut.report.ended?.code, cut.report.persons.made]).toEqual(['CutOff', 1]);
    expect(
      (await take(document(noteText('a.org/n', '<pfif:person_record_id>a.org/9</pfif:person_record_id>'))))
        .report.notes.noPerson,
    ).toBe(1);
  });

  test('opens an enquiry for each who is sought, page by page; what goes wrong with a photograph ends nothing', async () => {
    const one = (id: string, more: object = {}) => ({
      personId: id,
      minor: id === 'p0',
      record: { ...more },
    });
    const first = Array.from({ length: 100 }, (_, n) =>
      one(`p${n}`, n === 1 ? { expiry_date: '2027-01-01T00:00:00Z' } : {}),
    );
    let asked = 0;
    const photograph = async () => {
      asked += 1;
      if (asked === 1) throw new Error('no such host');
      return asked === 2 ? Buffer.from('x') : undefined;
    };
    const { report, did } = await take(document(''), {
      enquiries: true,
      sought: [first, [one('q')]],
      photograph,
    });
    expect([report.enquiries, report.photographs]).toEqual([101, { taken: 1, failed: 1 }]);
    expect(did[0]).toEqual({ limit: 100 });
    expect(did[1]).toEqual({ sought: 'p0', purpose: 'p', legalBasis: 'l', minor: true });
    expect(did[2]).toEqual(['opened', 'p0', 'e']);
    expect(did[3]).toEqual({
      sought: 'p1',
      purpose: 'p',
      legalBasis: 'l',
      minor: false,
      expires: '2027-01-01T00:00:00.000Z',
    });
    expect(did.filter((entry) => Array.isArray(entry) && entry[0] === 'photograph')).toEqual([
      ['photograph', 'e', Buffer.from('x')],
    ]);
    expect(did).toContainEqual({ limit: 100, after: 'p99' });
    expect((await take(document(''), { sought: [[one('q')]] })).did).toEqual([]);
  });
});
