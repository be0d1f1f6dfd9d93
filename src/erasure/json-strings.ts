/** Texts between quotes are kept to such a length, in bytes: no address is as long, and no event is. */
const LONGEST = 2 * 1024 * 1024;

/**
 * The strings of a JSON text that comes in pieces, names of properties included, as they read without their escapes. What
 * stands between two strings comes along: who looks for a text does not mind.
 */
export function jsonStrings(): (piece: Buffer) => Generator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  return function* within(piece) {
    const text = rest + decoder.decode(piece, { stream: true });
    let from = 0;
    for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) {
      if (isEscaped(text, at)) continue;
      yield withoutEscapes(text.slice(from, at));
      from = at + 1;
    }
    rest = text.slice(Math.max(from, text.length - LONGEST));
  };
}

/** By an odd number of backslashes before it. */
function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text[before - 1] === '\\') before -= 1;
  return (at - before) % 2 === 1;
}

const NAMED: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

const withoutEscapes = (text: string): string =>
  text.replace(/\\(?:u([\da-f]{4})|([\s\S]))/gi, (_, unit?: string, sign: string = '') =>
    unit === undefined ? (NAMED[sign] ?? sign) : String.fromCharCode(Number.parseInt(unit, 16)),
  );
