/** A record as another organisation may send it, and why it must be refused; taken where there is no reason. */
interface Sent {
  readonly xml: string;
  readonly refused?: string;
}

const field = (name: string, value: string): string => `<pfif:${name}>${value}</pfif:${name}>`;
const person = (id: string, inside: string): string =>
  `<pfif:person>${field('person_record_id', id)}${inside}</pfif:person>`;
const SOURCE = field('source_date', '2026-01-02T03:04:05Z');

/** Every tenth record is broken, each in one of these ways in turn. */
const BROKEN: readonly ((id: string) => Sent)[] = [
  (id) => ({ xml: person(id, SOURCE), refused: 'lacks a field that PFIF requires: full_name' }),
  (id) => ({
    xml: person(id.replace('/', ' '), SOURCE + field('full_name', 'Ana')),
    refused: 'has a value that PFIF does not allow: person_record_id',
  }),
  (id) => ({
    xml: person(id, `${SOURCE}<pfif:full_name>Ana</pfif:family_name>`),
    refused: 'is not well-formed XML',
  }),
  (id) => ({
    xml: person(id, SOURCE + field('full_name', '&who;')),
    refused: 'refers to an entity that XML itself does not define',
  }),
  (id) => ({
    xml: person(id, field('person_record_id', `${id}.b`) + SOURCE + field('full_name', 'Ana')),
    refused: 'has the same field more than once: person_record_id',
  }),
  (id) => ({
    xml: person(id, SOURCE + field('full_name', '<b>Ana</b>')),
    refused: 'lacks a field that PFIF requires: full_name',
  }),
];

const NAMES = ['Ana Silva', 'أحمد حسن', 'Олена Коваль', '山田 太郎', "Jean-Luc O'Neil"];

/** The n-th record of a file. */
export function recordAt(n: number): Sent {
  const id = `registry.example.org/p.${n}`;
  if (n % 10 === 9) return BROKEN[Math.floor(n / 10) % BROKEN.length]?.(id) ?? { xml: '' };
  const known =
    SOURCE +
    field('full_name', `${NAMES[n % NAMES.length]} ${n}`) +
    field('sex', n % 2 === 0 ? 'female' : 'male') +
    field('date_of_birth', `${1950 + (n % 70)}-0${1 + (n % 9)}`) +
    field('description', 'Left the camp with two children, wore a blue coat. '.repeat(1 + (n % 4)));
  return { xml: person(id, known) };
}

/** A whole file, some records at a time. @param records all of them, good and broken */
export function* fileOf(records: number): Generator<Buffer> {
  yield Buffer.from(
    '<?xml version="1.0" encoding="UTF-8"?>\n<pfif:pfif xmlns:pfif="http://zesty.ca/pfif/1.4">\n',
  );
  const AT_ONCE = 200;
  for (let from = 0; from < records; from += AT_ONCE) {
    const some: string[] = [];
    for (let n = from; n < Math.min(records, from + AT_ONCE); n += 1) some.push(recordAt(n).xml);
    yield Buffer.from(`${some.join('\n')}\n`);
  }
  yield Buffer.from('</pfif:pfif>\n');
}
