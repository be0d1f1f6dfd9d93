import { unescapeXml } from '../../domain/xml-text.ts';
import { isPfifNamespace } from './fields.ts';

const DECLARATION = /\sxmlns(?::([^\s=]+))?\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** Which prefixes stand for PFIF; the empty one is the default namespace. */
export type Prefixes = ReadonlySet<string>;

/** The prefixes inside an element, by those around it and what its start tag declares. */
export function prefixesWithin(around: Prefixes, startTag: string): Prefixes {
  if (!startTag.includes('xmlns')) return around;
  const prefixes = new Set(around);
  for (const [, prefix = '', double, single] of startTag.matchAll(DECLARATION)) {
    if (isPfifNamespace(unescapeXml(double ?? single ?? '') ?? '')) prefixes.add(prefix);
    else prefixes.delete(prefix);
  }
  return prefixes;
}

/** The name of an element without its prefix, where that stands for PFIF. */
export function pfifName(name: string, prefixes: Prefixes): string | undefined {
  const colon = name.indexOf(':');
  return prefixes.has(colon === -1 ? '' : name.slice(0, colon)) ? name.slice(colon + 1) : undefined;
}
