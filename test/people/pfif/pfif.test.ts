import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isExpired, isPlaceholder, placeholderOf } from '../../../src/people/pfif/expiry.ts';
import type { PfifNote, PfifPerson } from '../../../src/people/pfif/fields.ts';
import { type PfifEntry, readPfif, refusalSentence } from '../../../src/people/pfif/read.ts';
import { noteXml, PFIF_FOOT, PFIF_HEAD, personXml } from '../../../src/people/pfif/write.ts';
import { aNote, aPerson, document, entries, gather, noteText, personText, pieces } from './records.ts';
import { structureFaults } from './structure.ts';

const recordsOf = (all: readonly PfifEntry[]) =>
  all.map((entry) => {
    if (entry.kind === 'refused') return refusalSentence(entry);
    expect(entry.leftOut).toEqual([]);
    expect(entry.unknown).toEqual([]);
    return entry.kind === 'person' ? entry.person : entry.note;
  });

const shapes = (all: readonly PfifEntry[]) =>
  all.map((entry) => {
    if (entry.kind === 'person') return `person ${entry.person.person_record_id}`;
    if (entry.kind === 'note') return `note ${entry.note.note_record_id}`;
    return `refused ${entry.record} ${entry.fault}`;
  });

const wholeDocument = (records: readonly { person: PfifPerson; notes: readonly PfifNote[] }[]): string =>
  `${PFIF_HEAD}${records.map(({ person, notes }) => personXml(person, notes)).join('')}${PFIF_FOOT}`;

describe('out and in again', () => {
  test('is the same record, however the bytes arrive, and the document is of the published structure', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(aPerson, { maxLength: 4, selector: ({ person }) => person.person_record_id }),
        fc.integer({ min: 1, max: 300 }),
        async (persons, size) => {
          const xml = wholeDocument(persons);
          const back = recordsOf(await entries(xml, size));
          expect(back).toEqual(persons.flatMap(({ person, notes }) => [person, ...notes]));
          const alive = persons.filter(({ person }) => person.expiry_date === undefined);
          const unique = alive.map(({ person, notes }) => ({
            person,
            notes: [...new Map(notes.map((note) => [note.note_record_id, note])).values()].slice(0, 1),
          }));
          const oneNote = unique.map((one, at) => (at === 0 ? one : { ...one, notes: [] }));
          expect(structureFaults(wholeDocument(oneNote))).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('of notes that stand apart from their person, too', async () => {
    await fc.assert(
      fc.asyncProperty(aNote, async (note: PfifNote) => {
        const xml = `${PFIF_HEAD}${noteXml(note)}${PFIF_FOOT}`;
        expect(recordsOf(await entries(xml))).toEqual([note]);
        expect(structureFaults(xml)).toEqual([]);
      }),
    );
  });

  test('fields in any order are the same record', async () => {
    await fc.assert(
      fc.asyncProperty(aPerson, fc.infiniteStream(fc.nat()), async ({ person, notes }, order) => {
        const lines = personXml(person, notes).split('\n').slice(1, -2).join('\n');
        const fields =
          lines.match(/ {4}<pfif:note>[\s\S]*?<\/pfif:note>| {4}<pfif:(\w+)>[\s\S]*?<\/pfif:\1>/g) ?? [];
        const shuffled = fields
          .map((field) => [order.next().value as number, field] as const)
          .sort(([one], [other]) => one - other)
          .map(([, field]) => field);
        const back = recordsOf(await entries(document(`<pfif:person>${shuffled.join('')}</pfif:person>`)));
        expect(back[0]).toEqual(person);
        expect(new Set(back.slice(1))).toEqual(new Set(notes));
      }),
      { numRuns: 60 },
    );
  });
});

describe('a file of another organisation', () => {
  test('unknown fields are named, wrong ones left out, and the person is taken', async () => {
    const [entry] = await entries(
      document(
        personText(
          'a.org/1',
          '<pfif:sex>unknown</pfif:sex><pfif:home_country>Haiti</pfif:home_country><pfif:tattoo>anchor</pfif:tattoo><x:eyes xmlns:x="urn:x">brown</x:eyes><pfif:author_name>A</pfif:author_name><pfif:author_name>B</pfif:author_name><pfif:description><b>bold</b></pfif:description>',
        ),
      ),
    );
    expect(entry).toMatchObject({
      kind: 'person',
      person: { person_record_id: 'a.org/1', author_name: 'A' },
      leftOut: [
        { field: 'sex', fault: 'NotAllowed' },
        { field: 'home_country', fault: 'NotAllowed' },
        { field: 'author_name', fault: 'Repeated' },
        { field: 'description', fault: 'NotText' },
      ],
      unknown: ['tattoo', 'x:eyes'],
    });
  });

  test.each([
    ['no id', personText('').replace(/<pfif:person_record_id>.*?<\/pfif:person_record_id>/, ''), 'Missing'],
    ['an id without a domain', personText('17'), 'NotAllowed'],
    [
      'a day that no calendar has',
      personText('a.org/1', '<pfif:expiry_date>2026-02-30T00:00:00Z</pfif:expiry_date>'),
      'NotAllowed',
    ],
    [
      'an expiry that is no time',
      personText('a.org/1', '<pfif:expiry_date>next week</pfif:expiry_date>'),
      'NotAllowed',
    ],
    [
      'two expiries',
      personText(
        'a.org/1',
        '<pfif:expiry_date>2026-01-01T00:00:00Z</pfif:expiry_date><pfif:expiry_date>2027-01-01T00:00:00Z</pfif:expiry_date>',
      ),
      'Repeated',
    ],
    [
      'an entity of its own',
      personText('a.org/1', '<pfif:description>&boom;</pfif:description>'),
      'EntityNotAllowed',
    ],
    [
      'a character that XML has not',
      personText('a.org/1', '<pfif:description>&#0;</pfif:description>'),
      'EntityNotAllowed',
    ],
    ['a name of the language', personText('a.org/1', '<__proto__>x</__proto__>'), 'NotWellFormed'],
    [
      'another kind of record',
      '<pfif:animal><pfif:person_record_id>a.org/1</pfif:person_record_id></pfif:animal>',
      'UnknownRecord',
    ],
    [
      'elements without end',
      `<pfif:person>${'<a>'.repeat(2000)}${'</a>'.repeat(2000)}</pfif:person>`,
      'NotWellFormed',
    ],
    [
      'more than one record may be',
      personText('a.org/1', `<pfif:description>${'x'.repeat(1_100_000)}</pfif:description>`),
      'TooLarge',
    ],
  ])('a person with %s is refused, and the next one read', async (_, record, fault) => {
    const all = await entries(document(`${record}\n${personText('a.org/next')}`), 4096);
    expect(all[0]).toMatchObject({ kind: 'refused', fault });
    expect(shapes(all.slice(1))).toEqual(['person a.org/next']);
  });

  test.each([
    ['an unclosed field', '<pfif:text>I saw her', 'NotWellFormed'],
    ['a field closed by another', '<pfif:text>I saw her</pfif:status>', 'NotWellFormed'],
    ['a bare less-than', '<pfif:text>1 < 2</pfif:text>', 'NotWellFormed'],
    ['a tag that is none', '<pfif:text>a <b c</pfif:text>', 'NotWellFormed'],
    ['a quote that never ends', '<pfif:text a="x>I saw her</pfif:text>', 'NotWellFormed'],
    ['an unknown status', '<pfif:status>perhaps</pfif:status>', 'NotAllowed'],
    ['another person', '<pfif:person_record_id>a.org/2</pfif:person_record_id>', 'OtherPerson'],
  ])('a note with %s is refused by itself', async (_, inside, fault) => {
    const bad = noteText('a.org/bad', inside);
    for (const size of [1, 7, 4096]) {
      const all = await entries(
        document(
          `${personText('a.org/1', `${noteText('a.org/n1')}${bad}${noteText('a.org/n2')}`)}${personText('a.org/3')}`,
        ),
        size,
      );
      expect(shapes(all)).toEqual([
        'person a.org/1',
        'note a.org/n1',
        `refused note ${fault}`,
        'note a.org/n2',
        'person a.org/3',
      ]);
    }
  });

  test('a person that never ends is refused, and its notes with the next person are not', async () => {
    const open = personText('a.org/1').replace('</pfif:person>', '');
    expect(shapes(await entries(document(open + personText('a.org/2', noteText('a.org/n')))))).toEqual([
      'refused person NotWellFormed',
      'person a.org/2',
      'note a.org/n',
    ]);
  });

  test('a note of a person that was refused names its person where that can be read', async () => {
    const xml = document(
      `<pfif:person><pfif:person_record_id>a.org/1</pfif:person_record_id>${noteText('a.org/n')}</pfif:person>`,
    );
    const [person, note] = await entries(xml);
    expect(person).toMatchObject({ kind: 'refused', fault: 'Missing', id: 'a.org/1' });
    expect(note).toMatchObject({ kind: 'note', note: { person_record_id: 'a.org/1' } });
  });

  test('the file ends in the middle', async () => {
    const whole = document(`${personText('a.org/1')}${personText('a.org/2')}`);
    const all = await entries(whole.slice(0, whole.length - 60));
    expect(shapes(all)).toEqual(['person a.org/1', 'refused person CutOff']);
    expect(refusalSentence(all[1] as Extract<PfifEntry, { kind: 'refused' }>)).toBe(
      'Line 3: the person (a.org/2) is cut off: the file ends in the middle of it.',
    );
  });

  test('the file ends between two records, or in a comment: that it was cut off is said', async () => {
    const whole = document(`${personText('a.org/1')}${personText('a.org/2')}`);
    const first = whole.indexOf('</pfif:person>') + '</pfif:person>'.length;
    for (const cut of [whole.slice(0, first), `${whole.slice(0, first)}<!-- and`]) {
      const found: PfifEntry[] = [];
      const read = (async () => {
        for await (const entry of readPfif([Buffer.from(cut)])) found.push(entry);
      })();
      await expect(read).rejects.toMatchObject({ code: 'CutOff', message: /Ask for it again/ });
      expect(shapes(found)).toEqual(['person a.org/1']);
    }
  });

  test('no document type is read: no entity is defined, expanded or fetched', async () => {
    const bomb = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>${document(personText('a.org/1', '<pfif:description>&b;&f;</pfif:description>')).slice(39)}`;
    await expect(entries(bomb)).rejects.toMatchObject({ code: 'DocumentType' });
    const inside = document(personText('a.org/1', '<!DOCTYPE x [<!ENTITY a "b">]>') + personText('a.org/2'));
    expect(shapes(await entries(inside))).toEqual(['refused person NotWellFormed', 'person a.org/2']);
  });

  test('comments, instructions and quoted sections hide nothing and show nothing', async () => {
    const xml = document(
      `<!-- <pfif:person> --><?x <pfif:person> ?>${personText('a.org/1', '<pfif:description><![CDATA[<pfif:person> & ]]>b<!-- </pfif:person> -->c</pfif:description>')}`,
    );
    for (const size of [1, 5, 4096]) {
      expect(await entries(xml, size)).toMatchObject([{ person: { description: '<pfif:person> & bc' } }]);
    }
  });

  test('other prefixes, the default namespace, older versions and feeds are read', async () => {
    const older =
      '<pfif xmlns="http://zesty.ca/pfif/1.2"><person><person_record_id>a.org/1</person_record_id><entry_date>2010-01-02T03:04:05.678+02:00</entry_date><first_name>Ana</first_name><last_name>Diaz</last_name><other>tall</other><note><note_record_id>a.org/n</note_record_id><author_name>B</author_name><source_date>2010-01-02T03:04:05Z</source_date><found>TRUE</found></note></person></pfif>';
    expect(recordsOf(await entries(older))).toEqual([
      {
        person_record_id: 'a.org/1',
        entry_date: '2010-01-02T01:04:05Z',
        source_date: '2010-01-02T01:04:05Z',
        given_name: 'Ana',
        family_name: 'Diaz',
        full_name: 'Ana Diaz',
        description: 'tall',
      },
      {
        note_record_id: 'a.org/n',
        person_record_id: 'a.org/1',
        author_name: 'B',
        source_date: '2010-01-02T03:04:05Z',
        author_made_contact: 'true',
      },
    ]);
    const feed = `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:p="http://zesty.ca/pfif/1.4"><entry><author><name>A</name></author><content>${personText('a.org/1').replaceAll('pfif:', 'p:')}</content></entry></feed>`;
    expect(shapes(await entries(feed))).toEqual(['person a.org/1']);
  });

  test('what is not PFIF is said to be none', async () => {
    await expect(entries('<people><person>Ana</person></people>')).rejects.toMatchObject({ code: 'NotPfif' });
    await expect(entries('')).rejects.toMatchObject({ code: 'NotPfif' });
    await expect(entries('<?xml version="1.0" encoding="klingon"?>')).rejects.toMatchObject({
      code: 'Encoding',
    });
  });

  test('UTF-16 and Latin-1 are read as they say', async () => {
    const xml = document(personText('a.org/1', '<pfif:author_name>José</pfif:author_name>'));
    const latin = Buffer.from(xml.replace('UTF-8', 'ISO-8859-1'), 'latin1');
    const wide = Buffer.from(`\ufeff${xml}`, 'utf16le');
    for (const bytes of [latin, wide]) {
      expect(await gather(readPfif([bytes]))).toMatchObject([{ person: { author_name: 'José' } }]);
    }
  });

  test('whatever stands in it, reading ends, with an answer for each record', async () => {
    const valid = personText('a.org/1', noteText('a.org/n'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            fc.nat(),
            fc.constantFrom(
              '<',
              '>',
              '"',
              '&',
              '</',
              '<!',
              '<?',
              '<![CDATA[',
              ']]>',
              '<a>',
              '</a>',
              '</pfif:person>',
              '<pfif:person>',
              '<pfif:note>',
              '\0',
              'é',
            ),
          ),
          { maxLength: 6 },
        ),
        fc.integer({ min: 1, max: 50 }),
        async (damage, size) => {
          let text = valid;
          for (const [at, what] of damage) {
            const place = at % text.length;
            text = text.slice(0, place) + what + text.slice(place);
          }
          const all = await entries(document(`${text}${personText('a.org/end')}`), size).catch((error) => {
            expect(error.name).toBe('PfifFileError');
            return [];
          });
          for (const entry of all) if (entry.kind === 'refused') refusalSentence(entry);
          const small = await entries(document(`${text}${personText('a.org/end')}`), 100_000).catch(() => []);
          expect(shapes(small)).toEqual(shapes(all));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('no more is held than what was given last: records come out as the file goes in', async () => {
    const one = personText('a.org/0', noteText('a.org/n'));
    let given = 0;
    function* file(): Generator<Uint8Array> {
      yield Buffer.from(document('').slice(0, 90));
      for (; given < 5000; given += 10) yield Buffer.from(one.repeat(10));
      yield Buffer.from('</pfif:pfif>');
    }
    let seen = 0;
    for await (const entry of readPfif(file())) {
      seen += entry.kind === 'person' ? 1 : 0;
      expect(given - seen).toBeLessThanOrEqual(20);
    }
    expect(seen).toBe(5000);
  });

  test('a person of notes without end holds no more than its share', async () => {
    const note = noteText('a.org/n', `<pfif:text>${'x'.repeat(100_000)}</pfif:text>`);
    function* file(): Generator<Uint8Array> {
      yield Buffer.from(document('').slice(0, 90));
      yield Buffer.from(personText('a.org/1').replace('</pfif:person>', ''));
      for (let at = 0; at < 120; at += 1) yield Buffer.from(note);
      yield Buffer.from('</pfif:person></pfif:pfif>');
    }
    const all = shapes(await gather(readPfif(file())));
    expect(all.filter((shape) => shape === 'refused note TooManyNotes').length).toBeGreaterThan(20);
    expect(all.filter((shape) => shape === 'note a.org/n').length).toBeGreaterThan(70);
    expect(all).toContain('person a.org/1');
    expect(all.length).toBe(121);
  });
});

describe('expiry', () => {
  const person: PfifPerson = {
    person_record_id: 'a.org/1',
    source_date: '2026-01-01T00:00:00Z',
    entry_date: '2026-01-01T00:00:00Z',
    expiry_date: '2026-02-01T00:00:00Z',
    full_name: 'Ana',
    photo_url: 'https://a.org/1.jpg',
  };

  test('a record expires at its date, and what stays says nothing of the person', async () => {
    const date = Date.parse('2026-02-01T00:00:00Z');
    expect(isExpired(person, date - 1)).toBe(false);
    expect(isExpired(person, date)).toBe(true);
    expect(isExpired({ ...person, expiry_date: undefined } as never, date)).toBe(false);
    const placeholder = placeholderOf(person, date + 1000);
    expect(placeholder).toEqual({
      person_record_id: 'a.org/1',
      entry_date: '2026-02-01T00:00:01Z',
      source_date: '2026-02-01T00:00:01Z',
      expiry_date: '2026-02-01T00:00:00Z',
      full_name: '',
    });
    const xml = `${PFIF_HEAD}${personXml(placeholder)}${PFIF_FOOT}`;
    expect(structureFaults(xml, date + 9e9)).toEqual([]);
    const [back] = await entries(xml);
    expect(back).toMatchObject({ kind: 'person', person: placeholder });
    expect(isPlaceholder(placeholder)).toBe(true);
    expect(isPlaceholder(person)).toBe(false);
  });

  test('the structure knows an expired person that still says something', () => {
    const xml = `${PFIF_HEAD}${personXml(person)}${PFIF_FOOT}`;
    expect(structureFaults(xml, Date.parse('2026-01-15'))).toEqual([]);
    expect(structureFaults(xml, Date.parse('2026-03-01'))).toContain('full_name of an expired person');
  });
});

test('the structure finds what is wrong, so that it can say that nothing is', () => {
  const good = `${PFIF_HEAD}${personXml({ person_record_id: 'a.org/1', source_date: '2026-01-01T00:00:00Z', full_name: 'Ana', sex: 'female' })}${PFIF_FOOT}`;
  expect(structureFaults(good)).toEqual([]);
  for (const [from, to] of [
    ['2026-01-01T00:00:00Z', '2026-01-01'],
    ['female', 'unknown'],
    ['a.org/1', '1'],
    ['<pfif:sex>female</pfif:sex>', '<pfif:tattoo>x</pfif:tattoo>'],
    ['pfif/1.4', 'pfif/1.3'],
    ['<pfif:full_name>Ana</pfif:full_name>', ''],
    ['</pfif:person>', ''],
  ] as const) {
    expect(structureFaults(good.replace(from, to)), `${from} -> ${to}`).not.toEqual([]);
  }
});

test('pieces are the whole', () => {
  expect(Buffer.concat([...pieces('añb', 1)]).toString()).toBe('añb');
});
