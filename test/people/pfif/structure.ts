import { XMLParser, XMLValidator } from 'fast-xml-parser';

/**
 * The published structure of PFIF 1.4 (specification of 29 May 2012, sections 3.3, 4 and 5), written down apart from the
 * code that it judges: elements in their order, what is required, how often, and which values are allowed.
 */
type Rule = readonly [name: string, required: boolean, allowed: RegExp];

const id = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\/\S(.*\S)?$/;
const time = /^\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;
const anything = /^[\s\S]*$/;
const web = /^https?:\/\/[^\s/]+(\/\S*)?/;

const PERSON: readonly Rule[] = [
  ['person_record_id', true, id],
  ['entry_date', false, time],
  ['expiry_date', false, time],
  ['author_name', false, anything],
  ['author_email', false, anything],
  ['author_phone', false, anything],
  ['source_name', false, anything],
  ['source_date', true, time],
  ['source_url', false, web],
  ['full_name', true, anything],
  ['given_name', false, anything],
  ['family_name', false, anything],
  ['alternate_names', false, anything],
  ['description', false, anything],
  ['sex', false, /^(female|male|other)$/],
  ['date_of_birth', false, /^\d{4}(-\d\d(-\d\d)?)?$/],
  ['age', false, /^\d+(-\d+)?$/],
  ['home_street', false, anything],
  ['home_neighborhood', false, anything],
  ['home_city', false, anything],
  ['home_state', false, /^[A-Z0-9]{1,3}$/],
  ['home_postal_code', false, anything],
  ['home_country', false, /^[A-Z]{2}$/],
  ['photo_url', false, web],
  ['profile_urls', false, anything],
];

const NOTE: readonly Rule[] = [
  ['note_record_id', true, id],
  ['person_record_id', true, id],
  ['linked_person_record_id', false, id],
  ['entry_date', false, time],
  ['author_name', true, anything],
  ['author_email', false, anything],
  ['author_phone', false, anything],
  ['source_date', true, time],
  ['author_made_contact', false, /^(true|false)$/],
  ['status', false, /^(information_sought|is_note_author|believed_alive|believed_missing|believed_dead)$/],
  ['email_of_found_person', false, anything],
  ['phone_of_found_person', false, anything],
  ['last_known_location', false, anything],
  ['text', false, anything],
  ['photo_url', false, web],
];

const PLACEHOLDER = ['person_record_id', 'entry_date', 'expiry_date', 'source_date'];

type Node = Record<string, Node[] | string | Record<string, string>>;

/** Everything in which a document differs from the published structure; empty where it is valid. */
export function structureFaults(xml: string, now = Date.now()): string[] {
  const formed = XMLValidator.validate(xml);
  if (formed !== true) return [`not well-formed: ${formed.err.msg} in line ${formed.err.line}`];
  if (!xml.startsWith('<?xml version="1.0" encoding="UTF-8"?>')) return ['does not say that it is UTF-8'];
  const nodes = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    ignoreDeclaration: true,
    parseTagValue: false,
    trimValues: false,
  }).parse(xml) as Node[];
  const root = nodes.find((node) => 'pfif:pfif' in node);
  if (!root) return ['the root is not pfif'];
  const attributes = root[':@'] as Record<string, string>;
  if (attributes?.['@_xmlns:pfif'] !== 'http://zesty.ca/pfif/1.4') return ['not the namespace of 1.4'];
  const faults: string[] = [];
  const ids = new Set<string>();
  for (const child of elements(root['pfif:pfif'] as Node[])) {
    if (child.name === 'person') person(child.children, faults, ids, now);
    else if (child.name === 'note') record('note', NOTE, child.children, faults, ids);
    else faults.push(`${child.name} among the records`);
  }
  return faults;
}

function elements(nodes: readonly Node[]): { name: string; children: Node[] }[] {
  return nodes.flatMap((node) =>
    Object.entries(node)
      .filter(([name]) => name !== ':@' && name !== '#text')
      .map(([name, children]) => ({
        name: name.startsWith('pfif:') ? name.slice(5) : `{other} ${name}`,
        children: children as Node[],
      })),
  );
}

function person(children: readonly Node[], faults: string[], ids: Set<string>, now: number): void {
  const inside = elements(children);
  const firstNote = inside.findIndex(({ name }) => name === 'note');
  if (firstNote !== -1 && inside.slice(firstNote).some(({ name }) => name !== 'note')) {
    faults.push('a field after the notes of a person');
  }
  const values = record(
    'person',
    PERSON,
    children.filter((node) => !('pfif:note' in node)),
    faults,
    ids,
  );
  const notes = inside.filter(({ name }) => name === 'note');
  for (const note of notes) {
    const of = record('note', NOTE, note.children, faults, ids);
    if (of.get('person_record_id') !== values.get('person_record_id'))
      faults.push('a note of another person');
  }
  const expiry = values.get('expiry_date');
  if (expiry !== undefined && Date.parse(expiry) + 86_400_000 < now) {
    for (const [name, value] of values) {
      if (value !== '' && !PLACEHOLDER.includes(name)) faults.push(`${name} of an expired person`);
    }
    if (notes.length > 0) faults.push('notes of an expired person');
    if (values.get('source_date') !== values.get('entry_date')) faults.push('times of a placeholder differ');
  }
}

function record(
  kind: string,
  rules: readonly Rule[],
  children: readonly Node[],
  faults: string[],
  ids: Set<string>,
): Map<string, string> {
  const values = new Map<string, string>();
  let at = -1;
  for (const { name, children: inside } of elements(children)) {
    const position = rules.findIndex(([rule]) => rule === name);
    const [, , allowed] = rules[position] ?? [];
    if (allowed === undefined) faults.push(`${kind}: no such field ${name}`);
    if (values.has(name)) faults.push(`${kind}: ${name} twice`);
    if (position < at) faults.push(`${kind}: ${name} out of order`);
    at = Math.max(at, position);
    if (elements(inside).length > 0) faults.push(`${kind}: elements in ${name}`);
    const value = inside.map((node) => String(node['#text'] ?? '')).join('');
    values.set(name, value);
    if (allowed && value !== '' && !allowed.test(value)) faults.push(`${kind}: ${name} is not allowed`);
  }
  for (const [name, required] of rules) {
    if (required && !values.has(name)) faults.push(`${kind}: ${name} is missing`);
  }
  const own = values.get(`${kind}_record_id`) ?? '';
  if (ids.has(`${kind} ${own}`)) faults.push(`${kind}: the same id twice`);
  ids.add(`${kind} ${own}`);
  return values;
}
