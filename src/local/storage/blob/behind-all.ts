const LAST = 0x10ffff;
const SURROGATES = { first: 0xd800, behind: 0xe000 };
/** SQLite orders every blob behind every text. */
const BEHIND_EVERY_TEXT = new Uint8Array(0);

/** The least value behind all texts that begin with a prefix, in the order of the database. */
export function behindAll(prefix: string): string | Uint8Array {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === LAST) points.pop();
  const last = points.pop();
  if (last === undefined) return BEHIND_EVERY_TEXT;
  const next = last + 1 === SURROGATES.first ? SURROGATES.behind : last + 1;
  return String.fromCodePoint(...points, next);
}
