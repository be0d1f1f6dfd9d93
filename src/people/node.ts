/** What decisions are about: a face by its key, or a person as `person:<id>`. No face key has a colon after `person`. */
export type Node = string;

const PERSON = 'person:';

/** That a `node` in SQL is a person: without LIKE, to which case means something in one database and nothing in the other. */
export const PERSONS_ONLY = "node >= 'person:' AND node < 'person;'";

export const personNode = (personId: string): Node => PERSON + personId;

/** The person's id; undefined where the node is a face. */
export const personOf = (node: Node): string | undefined =>
  node.startsWith(PERSON) ? node.slice(PERSON.length) : undefined;

export const isPerson = (node: Node): boolean => node.startsWith(PERSON);

/** By UTF-16 code units, as the databases compare keys. */
export const byKey = (one: string, two: string): number => (one < two ? -1 : one > two ? 1 : 0);

/** The least of some keys. @throws where there is none */
export const leastOf = (keys: Iterable<string>): string => {
  let least: string | undefined;
  for (const key of keys) if (least === undefined || key < least) least = key;
  if (least === undefined) throw new TypeError('There is no least of nothing.');
  return least;
};
