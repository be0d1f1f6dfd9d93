import { describe, expect, test } from 'vitest';
import { checkRecord } from '../../../src/people/pfif/check-record.ts';
import { RecordCutter } from '../../../src/people/pfif/cut-records.ts';
import { decodeFile } from '../../../src/people/pfif/decode-file.ts';
import { recordHash } from '../../../src/people/pfif/ledger.ts';
import { parseFields } from '../../../src/people/pfif/parse-fields.ts';
import { readPfif, refusalSentence } from '../../../src/people/pfif/read.ts';
import { normalValue } from '../../../src/people/pfif/values.ts';
import { noteXml, personXml } from '../../../src/people/pfif/write.ts';
import { document, entries, gather, noteText, personText } from './records.ts';

/** Where reading of PFIF draws its lines: the longest that is taken, and the shortest that is not. */
const fault = async (inside: string, size?: number) => {
  const [entry] = await entries(document(inside), size);
  return entry?.kind === 'refused' ? entry.fault : 'taken';
};

describe('as long as it may be, and longer', () => {
  test('a record of 1,048,576 characters is taken', async () => {
    const empty = personText('a.org/1', '<pfif:description></pfif:description>').length;
    const of = (length: number) =>
      personText('a.org/1', `<pfif:description>${'x'.repeat(length - empty)}</pfif:description>`);
    expect(await fault(of(1_048_576), 100_000)).toBe('taken');
    expect(await fault(of(1_048_577), 100_000)).toBe('TooLarge');
  });

  test('a tag of 65,536 characters may still come to its end, however the file arrives', () => {
    const open = personText('a.org/1').replace('</pfif:person>', '');
    const cut = (length: number, rest: string) => {
      const cutter = new RecordCutter();
      cutter.push(document('').replace('</pfif:pfif>\n', '') + open);
      const start = '<pfif:other a="';
      cutter.push(start + 'x'.repeat(length - start.length));
      return [...cutter.push(`${rest}</pfif:person>`), ...cutter.end()].map(({ broken }) => broken);
    };
    expect(cut(65_536, '"/>')).toEqual([undefined]);
    expect(cut(65_537, '"/>')).toEqual(['NotWellFormed']);
  });

  test('elements lie in thirty-two others at most', async () => {
    const nested = (depth: number) =>
      `<pfif:description>${'<x>'.repeat(depth - 1)}${'</x>'.repeat(depth - 1)}</pfif:description>`;
    expect(await fault(personText('a.org/1', nested(32)))).toBe('taken');
    expect(await fault(personText('a.org/1', nested(33)))).toBe('NotWellFormed');
    // What is too deep is passed over whole: the next one is read.
    const all = await entries(document(personText('a.org/1', nested(60)) + personText('a.org/2')));
    expect(all.map(({ kind }) => kind)).toEqual(['refused', 'person']);
  });

  test('notes of eight million characters are held until their person ends, and those beyond are told by themselves', async () => {
    const note = noteText('a.org/n', `<pfif:text>${'x'.repeat(1_000_000)}</pfif:text>`);
    function* file(): Generator<Uint8Array> {
      yield Buffer.from(document('').replace('</pfif:pfif>\n', ''));
      yield Buffer.from(personText('a.org/1').replace('</pfif:person>', ''));
      for (let at = 0; at < 9; at += 1) yield Buffer.from(note);
      yield Buffer.from('</pfif:person></pfif:pfif>');
    }
    const all = await gather(readPfif(file()));
    expect(all.map((one) => (one.kind === 'refused' ? one.fault : one.kind))).toEqual([
      'TooManyNotes',
      'person',
      ...Array(8).fill('note'),
    ]);
  });

  test('an id has 500 characters at most', () => {
    expect(normalValue('id', `a/${'x'.repeat(498)}`)).toBeDefined();
    expect(normalValue('id', `a/${'x'.repeat(499)}`)).toBeUndefined();
  });

  test('an encoding is looked for in the first 256 bytes, however few come at once', async () => {
    const text = async (blanks: number, size: number) => {
      const xml = `<?xml version="1.0"${' '.repeat(blanks)} encoding="ISO-8859-1"?><a>\xe9</a>${'x'.repeat(600)}`;
      const bytes = Buffer.from(xml, 'latin1');
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
        bytes.subarray(n * size, (n + 1) * size),
      );
      return (await gather(decodeFile(chunks))).join('');
    };
    for (const size of [1, 100, 256, 5000]) {
      expect(await text(150, size), `${size}`).toContain('<a>é</a>');
      expect(await text(300, size), `${size}`).toContain('<a>\ufffd</a>');
    }
    const decoded = async (...bytes: number[]) => (await gather(decodeFile([Buffer.from(bytes)]))).join('');
    expect(await decoded(0xff, 0xfe, 0x61, 0)).toBe('a');
    expect(await decoded(0xfe, 0xff, 0, 0x61)).toBe('a');
    expect(await decoded(0xef, 0xbb, 0xbf, 0x61)).toBe('a');
    expect(await decoded(0xff, 0x61)).toBe('\ufffda');
    expect(await decoded(0xfe, 0x61)).toBe('\ufffda');
    expect(await decoded()).toBe('');
  });
});

describe('where a record begins and ends', () => {
  test('is told by its line, whatever stands before it', async () => {
    const lines = [
      '<!-- one',
      '-->',
      '<?two',
      '?>',
      personText('a.org/1', '<pfif:description><![CDATA[\n\n]]></pfif:description>\n'),
      '<feed\n a="\n">',
      `${personText('bad', '').replace('bad', '17')}${personText('a.org/2', `\n${noteText('17')}`)}`,
      '</feed>',
    ];
    for (const size of [1, 3, 4096]) {
      const all = await entries(document(lines.join('\n')), size);
      expect(all.map(({ kind, line }) => `${kind} ${line}`)).toEqual([
        'person 7',
        'refused 14',
        'person 14',
        'refused 15',
      ]);
    }
  });

  test('is told of a file that was cut off between two records, with its last line', () => {
    const cutter = new RecordCutter();
    cutter.push(`<pfif xmlns="http://zesty.ca/pfif/1.4">\n<pfif>\n</pfif>\n\n`);
    expect(cutter.end()).toEqual([]);
    expect(cutter.failure).toMatchObject({ code: 'CutOff', message: /^Line 5 is the last/ });
    const whole = new RecordCutter();
    whole.push('<pfif xmlns="http://zesty.ca/pfif/1.4"/></pfif></pfif>');
    whole.end();
    expect([whole.failure, whole.seen]).toEqual([undefined, true]);
    const other = new RecordCutter();
    other.push('<a><!-- and');
    other.end();
    expect([other.failure, other.seen]).toEqual([undefined, false]);
    const declared = new RecordCutter();
    declared.push('<a>\n<!DOCTYPE a>');
    expect(declared.failure).toMatchObject({ code: 'DocumentType', message: /^Line 2 declares/ });
    expect(declared.push(document(personText('a.org/1')))).toEqual([]);
  });

  test.each([
    ['</pfif:note>', 'a note that ends where none began', ['refused person NotWellFormed', 'person']],
    ['<pfif:note/>', 'a note without anything', ['person', 'refused note Missing', 'person']],
    [
      '<pfif:x><pfif:note></pfif:note></pfif:x>',
      'a note within a field',
      ['refused person NotWellFormed', 'refused note Missing', 'person'],
    ],
    ['<pfif:note><pfif:text>', 'a note that never ends', ['person', 'refused note NotWellFormed', 'person']],
    ['<pfif:x>', 'a field that never ends', ['refused person NotWellFormed', 'person']],
  ])('with %s inside it is %s', async (inside, _, shapes) => {
    for (const size of [1, 4096]) {
      const all = await entries(document(personText('a.org/1', inside) + personText('a.org/2')), size);
      expect(
        all.map((one) => (one.kind === 'refused' ? `refused ${one.record} ${one.fault}` : one.kind)),
      ).toEqual(shapes);
    }
  });
});

describe('what a record says', () => {
  const field = (name: string, text: string | undefined, isPfif = true) => ({ name, isPfif, text });
  const person = [field('person_record_id', 'a.org/1'), field('source_date', '2026-01-02T03:04:05Z')];
  const check = (...fields: ReturnType<typeof field>[]) => checkRecord('person', [...person, ...fields]);
  const values = { person_record_id: 'a.org/1', source_date: '2026-01-02T03:04:05Z' };

  test('is completed by what follows from it, and refused where something is missing', () => {
    const taken = (more: object) => ({ values: { ...values, ...more }, leftOut: [], unknown: [] });
    const both = { given_name: 'Ana', family_name: 'Diaz' };
    expect(check(field('given_name', 'Ana'), field('family_name', 'Diaz'))).toEqual(
      taken({ ...both, full_name: 'Ana Diaz' }),
    );
    expect(check(field('given_name', 'Ana'))).toEqual(taken({ given_name: 'Ana', full_name: 'Ana' }));
    expect(check(field('given_name', 'Ana'), field('full_name', 'Ana D'))).toEqual(
      taken({ given_name: 'Ana', full_name: 'Ana D' }),
    );
    const expiry = '2027-01-01T00:00:00Z';
    expect(check(field('expiry_date', expiry))).toEqual(taken({ expiry_date: expiry, full_name: '' }));
    expect(check()).toEqual({ fault: 'Missing', field: 'full_name' });
    expect(check(field('full_name', '  '))).toEqual({ fault: 'Missing', field: 'full_name' });
    const entered = [
      field('person_record_id', 'a.org/1'),
      field('entry_date', expiry),
      field('full_name', 'A'),
    ];
    expect(checkRecord('person', entered)).toMatchObject({ values: { source_date: expiry } });
    const note = [
      field('note_record_id', 'a.org/n'),
      field('author_name', 'B'),
      field('source_date', expiry),
    ];
    const known = { person_record_id: 'a.org/1' };
    expect(checkRecord('note', note, known)).toMatchObject({ values: known });
    expect(checkRecord('note', [...note, field('person_record_id', 'a.org/1')], known)).toMatchObject({
      values: known,
    });
    expect(checkRecord('note', note)).toEqual({ fault: 'Missing', field: 'person_record_id' });
    expect(
      checkRecord('note', [...note, field('given_name', 'x'), field('expiry_date', expiry)], known),
    ).toMatchObject({
      unknown: ['given_name', 'expiry_date'],
    });
  });

  test('is left out where it is wrong and decides nothing, and refuses the record where it does', () => {
    const full = field('full_name', 'Ana');
    expect(
      check(full, field('sex', 'x'), field('full_name', 'Ana'), field('full_name', 'Bea')),
    ).toMatchObject({
      leftOut: [
        { field: 'sex', fault: 'NotAllowed' },
        { field: 'full_name', fault: 'Repeated' },
      ],
    });
    expect(check(full, field('source_date', undefined))).toEqual({ fault: 'NotText', field: 'source_date' });
    expect(check(full, field('source_date', '2026'))).toEqual({ fault: 'NotAllowed', field: 'source_date' });
    expect(check(full, field('sex', 'male', false), field('constructor', 'x'))).toMatchObject({
      unknown: ['sex', 'constructor'],
    });
    expect(check(full, field('first_name', 'Ana'), field('home_zip', '1'))).toMatchObject({
      values: { given_name: 'Ana', home_postal_code: '1' },
    });
  });

  test('is its elements, each by its own namespace, as texts', () => {
    const prefixes = new Set(['p']);
    const parse = (xml: string) => parseFields({ kind: 'person', line: 1, xml, prefixes, notes: [] });
    expect(
      parse(
        '<p:person>x<p:a>1 <![CDATA[<2>]]> 3</p:a><b/><q:c xmlns:q="http://zesty.ca/pfif/1.3">&lt;</q:c><p:d xmlns:p="urn:x">4</p:d><p:e><f/></p:e></p:person>',
      ),
    ).toEqual([
      { name: 'a', isPfif: true, text: '1 <2> 3' },
      { name: 'b', isPfif: false, text: '' },
      { name: 'c', isPfif: true, text: '<' },
      { name: 'p:d', isPfif: false, text: '4' },
      { name: 'e', isPfif: true, text: undefined },
    ]);
    expect(parse('<p:person><p:a>&x;</p:a></p:person>')).toBe('EntityNotAllowed');
    expect(parse('')).toBe('NotWellFormed');
  });

  test.each([
    [
      { record: 'person', id: 'a.org/1', fault: 'Missing', field: 'full_name' },
      'Line 7: the person (a.org/1) lacks a field that PFIF requires: full_name.',
    ],
    [{ record: 'note', fault: 'CutOff' }, 'Line 7: the note is cut off: the file ends in the middle of it.'],
    [{ record: 'unknown', fault: 'UnknownRecord' }, 'Line 7: the element is neither a person nor a note.'],
  ] as const)('%j is refused in a sentence', (refused, sentence) => {
    expect(refusalSentence({ kind: 'refused', line: 7, ...refused })).toBe(sentence);
  });

  test('is named by its own id only where it is refused', async () => {
    const refused = async (inside: string) => (await entries(document(inside)))[0];
    expect(
      await refused(personText(' a.org/1 ').replace(/<pfif:full_name>.*?<\/pfif:full_name>/, '')),
    ).toEqual({
      ...{ kind: 'refused', record: 'person', line: 3, id: 'a.org/1', fault: 'Missing', field: 'full_name' },
    });
    const note = await refused(noteText('a.org/n', '<pfif:status>x</pfif:status>'));
    expect(note).toMatchObject({ record: 'note', id: 'a.org/n', field: 'status' });
    expect(await refused('<pfif:animal/>')).toEqual({
      kind: 'refused',
      record: 'unknown',
      line: 3,
      fault: 'UnknownRecord',
    });
    expect(await refused(personText('  '))).not.toHaveProperty('id');
  });
});

test('a record is remembered under the same hash however its domain is written, and apart by what it is', () => {
  const hash = recordHash('person', 'a.org/X');
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  for (const same of ['A.ORG/X', 'a.org./X']) expect(recordHash('person', same)).toBe(hash);
  for (const other of ['a.org/x', 'b.org/X']) expect(recordHash('person', other)).not.toBe(hash);
  expect(recordHash('note', 'a.org/X')).not.toBe(hash);
});

test('empty fields are written only where every record has them, notes within or beside their person', () => {
  const note = {
    note_record_id: 'a/n',
    person_record_id: 'a/1',
    author_name: '',
    source_date: 'T',
    text: '',
  };
  const xml = (indent: string) =>
    [
      `${indent}<pfif:note>`,
      ...['note_record_id>a/n', 'person_record_id>a/1', 'author_name>', 'source_date>T'].map(
        (one) => `${indent}  <pfif:${one}</pfif:${one.split('>')[0]}>`,
      ),
      `${indent}</pfif:note>\n`,
    ]
      .join('\n')
      .replace(/(author_name>.*\n)(.*source_date.*\n)/, '$1$2');
  expect(noteXml(note)).toBe(xml('  '));
  expect(personXml({ person_record_id: 'a/1', source_date: 'T', full_name: '', sex: '' }, [note])).toBe(
    [
      '  <pfif:person>',
      '    <pfif:person_record_id>a/1</pfif:person_record_id>',
      '    <pfif:source_date>T</pfif:source_date>',
      '    <pfif:full_name></pfif:full_name>',
      `${xml('    ')}  </pfif:person>\n`,
    ].join('\n'),
  );
});

test('comments, CDATA and instructions come to their end wherever the file is cut, and what they hold is no record', async () => {
  const inside = '<!-- a -- <pfif:person> > ->  --><![CDATA[ <b> ]] ]> & ]]><?do this? > ?>';
  const file = document(
    `<!-- <pfif:person> ---->${personText('a.org/1', `<pfif:description>${inside}</pfif:description>`)}<?x ??>${personText('a.org/2')}`,
  );
  const whole = await entries(file);
  expect(whole.map(({ kind }) => kind)).toEqual(['person', 'person']);
  expect(JSON.stringify(whole[0])).toContain('<b> ]] ]> &');
  for (const size of [1, 2, 3, 5, 7])
    expect(await entries(file, size), `${size} bytes at once`).toEqual(whole);
});

test('a record is PFIF by itself, without what else stands around it; a page is none', async () => {
  const person = personText('a.org/1').replace(
    '<pfif:person',
    '<pfif:person xmlns:pfif="http://zesty.ca/pfif/1.4"',
  );
  expect((await entries(person)).map(({ kind }) => kind)).toEqual(['person']);
  await expect(entries('<html><body>person</body></html>')).rejects.toMatchObject({ code: 'NotPfif' });
});

test('an end without a beginning breaks its record, in a person, a note or a field, and no other', async () => {
  const note = (inside: string) => noteText('a.org/n', inside);
  for (const broken of [
    personText('a.org/1', '</x>'),
    personText('a.org/1', '<pfif:description>a</x></pfif:description>'),
    personText('a.org/1', '<pfif:description><a><b></a></b></pfif:description>'),
    personText('a.org/1', `${note('</x>')}</x>`),
  ]) {
    const all = await entries(document(broken + personText('a.org/2')));
    expect(all[0], broken).toMatchObject({ kind: 'refused', fault: 'NotWellFormed' });
    expect(all.at(-1)).toMatchObject({ kind: 'person', person: { person_record_id: 'a.org/2' } });
  }
  const all = await entries(
    document(personText('a.org/1', note('<pfif:text>a</y></pfif:text>')) + personText('a.org/2')),
  );
  expect(all.map(({ kind }) => kind)).toEqual(['person', 'refused', 'person']);
});
