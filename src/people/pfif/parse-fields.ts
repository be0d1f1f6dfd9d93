import { type X2jOptions, XMLParser } from 'fast-xml-parser';
import { unescapeXml } from '../../domain/xml-text.ts';
import type { PfifFault } from './faults.ts';
import { pfifName, prefixesWithin } from './namespaces.ts';
import type { RawRecord } from './raw-record.ts';

/** One element of a record: its name without prefix where it is PFIF's, its text, or undefined where it has elements. */
export interface RawField {
  readonly name: string;
  readonly isPfif: boolean;
  readonly text: string | undefined;
}

/** Thrown through the parser, which has no other way out. */
class EntityError extends Error {}

const nothing = (): void => {};

const options: X2jOptions = {
  preserveOrder: true,
  ignoreAttributes: false,
  ignorePiTags: true,
  parseTagValue: false,
  trimValues: false,
  // The library's own decoder leaves an unknown reference as it stands, and characters by number, too.
  entityDecoder: {
    decode: (text) => {
      const plain = unescapeXml(text);
      if (plain === undefined) throw new EntityError();
      return plain;
    },
    addInputEntities: nothing,
    setExternalEntities: nothing,
    setXmlVersion: nothing,
    reset: nothing,
  },
};
const parser = new XMLParser(options);

type Ordered = Readonly<Record<string, readonly Ordered[] | string | Record<string, string>>>;

/** The elements of a record, in the order of the file. */
export function parseFields({ xml, prefixes }: RawRecord): RawField[] | PfifFault {
  let nodes: readonly Ordered[];
  try {
    nodes = parser.parse(xml) as readonly Ordered[];
  } catch (error) {
    return error instanceof EntityError ? 'EntityNotAllowed' : 'NotWellFormed';
  }
  const [record] = nodes;
  const children = record && childrenOf(record);
  if (!children) return 'NotWellFormed';
  const fields: RawField[] = [];
  for (const child of children) {
    const name = nameOf(child);
    if (name === undefined) continue;
    const inside = declared(child) === '' ? prefixes : prefixesWithin(prefixes, declared(child));
    const local = pfifName(name, inside);
    fields.push({ name: local ?? name, isPfif: local !== undefined, text: textOf(childrenOf(child) ?? []) });
  }
  return fields;
}

const nameOf = (node: Ordered): string | undefined =>
  Object.keys(node).find((key) => key !== ':@' && key !== '#text');

function childrenOf(node: Ordered): readonly Ordered[] | undefined {
  const name = nameOf(node);
  return name === undefined ? undefined : (node[name] as readonly Ordered[]);
}

function textOf(children: readonly Ordered[]): string | undefined {
  return children.some((child) => nameOf(child) !== undefined)
    ? undefined
    : children.map((child) => String(child['#text'] ?? '')).join('');
}

/** The declarations of namespaces that an element carries, as they would stand in its tag. */
function declared(node: Ordered): string {
  const attributes = (node[':@'] ?? {}) as Record<string, string>;
  return Object.entries(attributes)
    .filter(([name]) => name.startsWith('@_xmlns'))
    .map(([name, value]) => ` ${name.slice(2)}="${value}"`)
    .join('');
}
