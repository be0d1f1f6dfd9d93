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

const NAMED = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/**
 * Text with its references resolved: the five of XML itself, and characters by number. Nothing else is ever expanded.
 *
 * @returns undefined where a reference names what XML does not define, or a character that it cannot carry
 */
export function unescapeXml(text: string): string | undefined {
  if (!text.includes('&')) return text;
  let sound = true;
  const plain = text.replace(/&(#x[0-9a-f]+|#[0-9]+|\w+);|&/gi, (_, reference: string | undefined) => {
    const character = NAMED.get(reference ?? '') ?? numbered(reference);
    sound &&= character !== undefined;
    return character ?? '';
  });
  return sound ? plain : undefined;
}

function numbered(reference: string | undefined): string | undefined {
  if (!reference?.startsWith('#')) return undefined;
  const code =
    reference[1]?.toLowerCase() === 'x' ? Number(`0${reference.slice(1)}`) : Number(reference.slice(1));
  if (code > 0x10ffff) return undefined;
  const character = String.fromCodePoint(code);
  return UNFIT_FOR_XML.test(character) ? undefined : character;
}
