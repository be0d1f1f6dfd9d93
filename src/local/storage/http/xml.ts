import { invalidXml } from './storage-error.ts';

/** What XML 1.0 cannot carry in any form. */
export const UNFIT_FOR_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Text as the content of an element or an attribute. Numeric references are avoided: the SDKs' parser leaves them. */
export const escapeXml = (text: string): string =>
  /[&<>"]/.test(text) ? text.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? '') : text;

export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** All text directly inside, joined. */
  readonly text: string;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x[0-9a-f]+|#[0-9]+|\w+);|&/gi, (_, reference: string | undefined) => {
    const named = NAMED[reference ?? ''];
    if (named !== undefined) return named;
    if (!reference?.startsWith('#')) throw invalidXml();
    const code =
      reference[1]?.toLowerCase() === 'x' ? Number(`0${reference.slice(1)}`) : Number(reference.slice(1));
    if (code > 0x10ffff || UNFIT_FOR_XML.test(String.fromCodePoint(code))) throw invalidXml();
    return String.fromCodePoint(code);
  });
}

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
    else if (text !== undefined) current.text += unescapeXml(text);
    else if (opening !== undefined) {
      const element: Open = { name: opening, children: [], text: '' };
      current.children.push(element);
      if (selfClosing === '') stack.push(element);
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
