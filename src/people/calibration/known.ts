import type { Random } from '../../domain/ports.ts';
import { type InPicture, looksLikeCopies } from '../../results/copies.ts';
import { DisjointSets } from '../disjoint-sets.ts';
import { byKey, type Node } from '../node.ts';
import { randomPositions } from './sampling.ts';

export type Answer = 'same' | 'different';

/** What two people have said, each for themselves, of two faces or of a face and a person. */
export interface SaidByTwo {
  readonly nodes: readonly [Node, Node];
  readonly answer: Answer;
}

/** A face that may be shown to reviewers. */
export interface KnownFace extends InPicture {
  readonly face: string;
  readonly imageId: string;
}

/** A pair of faces of two photographs, the lower key first, whose answer is known. */
export interface KnownPair {
  readonly faces: readonly [string, string];
  readonly images: readonly [string, string];
  readonly answer: Answer;
}

/** Tries at random for each pair that is asked for: most of them find one. */
const TRIES = 20;

/**
 * The pairs whose answer is known. Of one person are faces that words of two hold together; of two persons are those
 * between whom two have said "different", or of whom each is held together by words of two and who stand in one
 * photograph. Whoever is held together and parted at once is known in nothing.
 */
export class KnownAnswers {
  readonly #sets = new DisjointSets<Node>();
  readonly #faces: ReadonlyMap<string, KnownFace>;
  /** By person their faces that may be shown. */
  readonly #persons: ReadonlyMap<Node, readonly KnownFace[]>;
  readonly #parted = new Set<string>();
  readonly #contradicted = new Set<Node>();
  readonly #isHeld = new Set<Node>();

  /** @param faces that may be shown, of those the words are about */
  constructor(words: readonly SaidByTwo[], faces: readonly KnownFace[]) {
    const same = words.filter(({ answer }) => answer === 'same');
    for (const { nodes } of same) this.#sets.join(...nodes);
    for (const { nodes } of same) this.#isHeld.add(this.#sets.find(nodes[0]));
    this.#faces = new Map(faces.map((one) => [one.face, one]));
    this.#persons = Map.groupBy(faces, ({ face }) => this.#sets.find(face));
    for (const { nodes, answer } of words) {
      const [one, other] = nodes.map((node) => this.#sets.find(node)) as [Node, Node];
      if (answer === 'different' && one === other) this.#contradicted.add(one);
      else if (answer === 'different') this.#parted.add(pairOf(one, other));
    }
    for (const some of Map.groupBy(faces, ({ imageId }) => imageId).values()) this.#part(some);
  }

  /** Faces of one photograph are of different persons: a person who is in it twice is known in nothing. */
  #part(inOne: readonly KnownFace[]): void {
    const held = inOne.map(({ face }) => this.#sets.find(face)).filter((person) => this.#isHeld.has(person));
    for (const [at, one] of held.entries()) {
      for (const other of held.slice(at + 1)) {
        if (one === other) this.#contradicted.add(one);
        else this.#parted.add(pairOf(one, other));
      }
    }
  }

  /** Undefined where nobody knows, or the two are not to be shown together. */
  answerTo(a: string, b: string): Answer | undefined {
    const [one, other] = [this.#faces.get(a), this.#faces.get(b)];
    if (!one || !other || one.imageId === other.imageId || looksLikeCopies(one, other)) return undefined;
    const persons = [this.#sets.find(a), this.#sets.find(b)] as const;
    if (persons.some((person) => this.#contradicted.has(person))) return undefined;
    if (persons[0] === persons[1]) return 'same';
    return this.#parted.has(pairOf(...persons)) ? 'different' : undefined;
  }

  /** Pairs at random, at most so many of each answer. @param random decides which */
  draw(most: number, random: Random): KnownPair[] {
    const shown = [...this.#persons].sort(([one], [other]) => byKey(one, other));
    const parted = [...this.#parted].sort(byKey).map((pair) => JSON.parse(pair) as [Node, Node]);
    const sides: readonly (readonly [readonly KnownFace[], readonly KnownFace[]])[] = parted.map(
      ([one, other]) => [this.#persons.get(one) ?? [], this.#persons.get(other) ?? []],
    );
    const own = shown.filter(([, { length }]) => length > 1).map(([, faces]) => [faces, faces] as const);
    return [...this.#some(own, most, random), ...this.#some(sides, most, random)];
  }

  /** Few are all taken; of many each person is as likely as any other, so that one with many faces is not all there is. */
  #some(
    sides: readonly (readonly [readonly KnownFace[], readonly KnownFace[]])[],
    most: number,
    random: Random,
  ): KnownPair[] {
    const found = new Map<string, KnownPair>();
    const add = (one: KnownFace | undefined, other: KnownFace | undefined) => {
      const answer = one && other && this.answerTo(one.face, other.face);
      if (!one || !other || !answer) return;
      const [a, b] = one.face < other.face ? [one, other] : [other, one];
      found.set(JSON.stringify([a.face, b.face]), {
        faces: [a.face, b.face],
        images: [a.imageId, b.imageId],
        answer,
      });
    };
    const all = sides.reduce((sum, [one, other]) => sum + one.length * other.length, 0);
    if (all <= most * 4) {
      for (const [some, others] of sides) for (const one of some) for (const other of others) add(one, other);
      const pairs = [...found.values()];
      return randomPositions(most, pairs.length, random).map((at) => pairs[at] as KnownPair);
    }
    const oneOf = <T>(some: readonly T[]) => some[Math.floor(random() * some.length)];
    for (let tries = 0; tries < most * TRIES && found.size < most; tries += 1) {
      const [some = [], others = []] = oneOf(sides) ?? [];
      add(oneOf(some), oneOf(others));
    }
    return [...found.values()];
  }
}

const pairOf = (one: Node, other: Node): string => JSON.stringify([one, other].sort(byKey));
