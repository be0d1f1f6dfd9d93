import { escapeXml, UNFIT_FOR_XML, unescapeXml } from '../../../domain/xml-text.ts';
import { invalidXml } from './storage-error.ts';

export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** All text directly inside, joined. */
  readonly text: string;
}

/** Deeper documents are refused rather than that the stack of who reads them ends; those of the service have six. */
const DEEPEST = 50;

const TOKEN =
  /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\/([^\s<>/]+)\s*>|<([^\s<>/!?]+)(?:\s+[^\s<>/=]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(\/?)>|([^<]+)/y;

/**
 * The small XML that the service's requests carry: elements and text. Attributes are skipped, document types refused.
 *
 * @throws {StorageError} InvalidXmlDocument
 */
export function parseXml(source: string): XmlElement {
  interface Open extends XmlElement {
    children: XmlElement[];
    text: string;
  }
  const top: Open = { name: '', children: [], text: '' };
  const stack: Open[] = [top];
  TOKEN.lastIndex = source.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (TOKEN.lastIndex < source.length) {
    const match = TOKEN.exec(source);
    const current = stack.at(-1);
    if (!match || !current) throw invalidXml();
    const [, cdata, closing, opening, selfClosing, text] = match;
    if (cdata !== undefined) current.text += cdata;
    else if (text !== undefined) current.text += plainText(text);
    else if (opening !== undefined) {
      const element: Open = { name: opening, children: [], text: '' };
      current.children.push(element);
      if (selfClosing === '' && stack.push(element) > DEEPEST) throw invalidXml('It is nested too deeply.');
    } else if (closing !== undefined) {
      if (stack.length === 1 || current.name !== closing) throw invalidXml();
      stack.pop();
    }
  }
  const [root] = top.children;
  if (stack.length !== 1 || top.children.length !== 1 || !root || top.text.trim() !== '') throw invalidXml();
  return root;
}

/** The first child of that name, whatever its case. */
export const childOf = (element: XmlElement, name: string): XmlElement | undefined =>
  element.children.find((child) => child.name.toLowerCase() === name.toLowerCase());

/** Text that a client sent, for the inside of an element; what XML cannot carry is percent-encoded. */
export const elementText = (text: string): string =>
  UNFIT_FOR_XML.test(text) ? encodeURIComponent(text) : escapeXml(text);

function plainText(text: string): string {
  const plain = unescapeXml(text);
  if (plain === undefined) throw invalidXml();
  return plain;
}
