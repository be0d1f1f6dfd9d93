import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Edge, type Group, groupsOf, type Link } from '../../src/people/groups.ts';
import { isPerson, type Node, personNode } from '../../src/people/node.ts';
import { componentsOf, partedIn, reach, type Surroundings } from '../../src/people/reach.ts';

const FACES = Array.from({ length: 10 }, (_, n) => `face-${n}`);
const NODES = [...FACES, personNode('ann'), personNode('bob')];

type Event =
  | { kind: 'edge' | 'same' | 'different' | 'undo'; a: Node; b: Node; confidence: number }
  | { kind: 'erase'; a: Node; b: Node; confidence: number };

const event: fc.Arbitrary<Event> = fc
  .record({
    kind: fc.constantFrom(
      'edge' as const,
      'edge' as const,
      'edge' as const,
      'same' as const,
      'different' as const,
      'undo' as const,
      'erase' as const,
    ),
    a: fc.constantFrom(...NODES),
    b: fc.constantFrom(...NODES),
    confidence: fc.integer({ min: 1, max: 9 }).map((value) => value / 10),
  })
  .filter(({ a, b }) => a !== b);

/** Everything, as the tables hold it, and groups that are only ever solved where something changed. */
class Archive {
  photographs = new Map(FACES.map((face, n) => [face, `image-${Math.floor(n / 2)}`]));
  edges: Edge[] = [];
  links: Link[] = [];
  stored = new Map<string, { component: string; group: Group }>();
  solved = 0;

  surroundings(): Surroundings {
    const around = (nodes: readonly Node[], pairs: readonly { a: Node; b: Node }[]) =>
      pairs.flatMap(({ a, b }) => [...(nodes.includes(a) ? [b] : []), ...(nodes.includes(b) ? [a] : [])]);
    const same = this.links.filter(({ kind }) => kind === 'same');
    return {
      neighboursOf: async (nodes) => around(nodes, [...this.edges, ...same]),
      personsAround: async (nodes) => around(nodes, same).filter(isPerson),
      formerlyWith: async (faces) => {
        expect(faces.filter(isPerson), 'persons have no stored component').toEqual([]);
        const components = new Set(faces.map((face) => this.stored.get(face)?.component));
        return [...this.stored]
          .filter(([, { component }]) => components.has(component))
          .map(([face]) => face);
      },
    };
  }

  /** @returns the nodes at which something changed */
  apply({ kind, a, b, confidence }: Event): Node[] {
    const isPair = (one: { a: Node; b: Node }) => [one.a, one.b].sort().join() === [a, b].sort().join();
    if (kind === 'erase') {
      this.photographs.delete(a);
      const gone = [...this.edges, ...this.links].filter((one) => one.a === a || one.b === a);
      this.edges = this.edges.filter((one) => one.a !== a && one.b !== a);
      this.links = this.links.filter((one) => one.a !== a && one.b !== a);
      return [a, ...gone.flatMap((one) => [one.a, one.b])];
    }
    const known = (node: Node) => isPerson(node) || this.photographs.has(node);
    if (!known(a) || !known(b)) return [];
    if (kind === 'edge') {
      if (isPerson(a) || isPerson(b) || this.photographs.get(a) === this.photographs.get(b)) return [];
      this.edges = [...this.edges.filter((one) => !isPair(one)), { a, b, confidence }];
      // As a save does: only the arriving photograph's face.
      return [a];
    }
    this.links = this.links.filter((one) => !isPair(one));
    if (kind !== 'undo') this.links.push({ a, b, kind });
    return [a, b];
  }

  async solve(dirty: readonly Node[], reaching: typeof reach = reach): Promise<void> {
    const nodes = await reaching(dirty, this.surroundings());
    this.solved += nodes.size;
    const has = ({ a, b }: { a: Node; b: Node }) => nodes.has(a) && nodes.has(b);
    const edges = this.edges.filter(has);
    const links = this.links.filter(has);
    const photographs = new Map([...this.photographs].filter(([face]) => nodes.has(face)));
    for (const node of nodes) this.stored.delete(node);
    const components = componentsOf(
      [...photographs.keys(), ...links.flatMap(({ a, b }) => [a, b])],
      edges,
      links,
    );
    for (const group of groupsOf(edges, links, photographs))
      for (const face of group.faces)
        this.stored.set(face, { component: components.get(face) ?? face, group });
  }

  fromScratch(): Group[] {
    return groupsOf(this.edges, this.links, this.photographs);
  }

  incremental(): Group[] {
    const groups = new Set([...this.stored.values()].map(({ group }) => group));
    const alone = [...this.photographs.keys()]
      .filter((face) => !this.stored.has(face))
      .map((face) => ({ id: face, faces: [face], persons: [], solids: [[face]] }));
    return [...groups, ...alone].sort((one, two) => (one.id < two.id ? -1 : 1));
  }
}

const byId = (groups: Group[]) => groups.map(({ id, faces, contested }) => ({ id, faces, contested }));

/** @returns how often what was stored differed from the groups made anew */
async function differences(reaching: typeof reach, runs: number): Promise<number> {
  let different = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 16 }), async (events) => {
      const archive = new Archive();
      for (const one of events) {
        await archive.solve(archive.apply(one), reaching);
        if (JSON.stringify(byId(archive.incremental())) === JSON.stringify(byId(archive.fromScratch())))
          continue;
        different += 1;
        return;
      }
    }),
    { numRuns: runs },
  );
  return different;
}

test('what is solved where something changed equals what is solved from scratch', async () => {
  expect(await differences(reach, 1500)).toBe(0);
});

test('reaching less is noticed: not the neighbours of now, not the component of before, not the persons', async () => {
  const blind: (typeof reach)[] = [
    (dirty, around) => reach(dirty, { ...around, neighboursOf: async () => [] }),
    (dirty, around) => reach(dirty, { ...around, formerlyWith: async () => [] }),
    (dirty, around) => reach(dirty, { ...around, personsAround: async () => [] }),
    (dirty, around) =>
      reach(dirty, {
        ...around,
        neighboursOf: async (nodes) => around.neighboursOf(nodes.filter((node) => !isPerson(node))),
      }),
  ];
  for (const mutant of blind) expect(await differences(mutant, 400)).toBeGreaterThan(0);
});

describe('whom a change reaches', () => {
  const [P, Q, R] = ['p', 'q', 'r'].map(personNode) as [Node, Node, Node];
  /** From pairs as they are now, faces that were in one component, and what a `same` ties to persons. */
  function around(
    edges: readonly (readonly [Node, Node])[],
    {
      same = [],
      formerly = [],
    }: { same?: readonly (readonly [Node, Node])[]; formerly?: readonly string[][] } = {},
  ) {
    const asked: string[][] = [];
    const beside = (nodes: readonly Node[], pairs: readonly (readonly [Node, Node])[]) =>
      pairs.flatMap(([a, b]) => [...(nodes.includes(a) ? [b] : []), ...(nodes.includes(b) ? [a] : [])]);
    const surroundings: Surroundings = {
      neighboursOf: async (nodes) => {
        asked.push([...nodes]);
        return beside(nodes, edges);
      },
      personsAround: async (nodes) => beside(nodes, same).filter(isPerson),
      formerlyWith: async (faces) =>
        formerly.filter((some) => some.some((face) => faces.includes(face))).flat(),
    };
    return { surroundings, asked };
  }
  const reached = async (dirty: Node[], given: ReturnType<typeof around>) =>
    [...(await reach(dirty, given.surroundings))].sort();

  test('goes from person to person, however long the way, and from each to its faces; of a face only to what is beside it', async () => {
    const pairs = [
      ['a', P],
      [P, Q],
      [Q, R],
      [R, 'b'],
      ['b', 'c'],
    ] as const;
    const given = around(pairs);
    expect(await reached(['a'], given)).toEqual(['a', 'b', P, Q, R].sort());
    // Nobody is asked for twice.
    expect(given.asked).toEqual([['a'], [P], [Q], [R]]);
    expect(await reached(['c'], around(pairs))).toEqual(['b', 'c']);
    expect(await reached([], around(pairs))).toEqual([]);
  });

  test('goes to those of before, and on to the persons of these, one after the other', async () => {
    const same = [
      ['x', P],
      [P, Q],
      [Q, R],
    ] as const;
    const given = around([], {
      same,
      formerly: [
        ['a', 'x'],
        ['y', 'z'],
      ],
    });
    expect(await reached(['a'], given)).toEqual(['a', 'x', P, Q, R].sort());
    expect(await reached(['b'], given)).toEqual(['b']);
  });
});

test('what hangs together: an edge between two that were told apart holds nothing, nor does one to a node that is not there', () => {
  const edge = (a: Node, b: Node): Edge => ({ a, b, confidence: 0.9 });
  const of = (links: Link[], edges = [edge('a', 'b'), edge('c', 'd'), edge('d', 'nobody')]) =>
    Object.fromEntries(componentsOf(['d', 'c', 'b', 'a', personNode('p'), personNode('q')], edges, links));
  expect(of([])).toEqual({ a: 'a', b: 'a', c: 'c', d: 'c' });
  const apart: Link = { a: 'b', b: 'a', kind: 'different' };
  expect(of([apart])).toEqual({ a: 'a', b: 'b', c: 'c', d: 'c' });
  // By way of somebody they hang together all the same.
  const p = personNode('p');
  const ofPerson = (a: Node): Link => ({ a, b: p, kind: 'same' });
  expect(of([apart, ofPerson('a'), ofPerson('b'), ofPerson('d')])).toEqual({
    ...{ a: 'a', b: 'a', c: 'a', d: 'a', [p]: 'a' },
  });
  const isParted = partedIn([apart, { a: 'c', b: 'd', kind: 'same' }, { a: 'a', b: 'c', kind: 'different' }]);
  const pairs = [
    ['a', 'b'],
    ['b', 'a'],
    ['c', 'a'],
    ['c', 'd'],
    ['b', 'c'],
    ['x', 'y'],
  ] as const;
  expect(pairs.map(([a, b]) => isParted({ a, b }))).toEqual([true, true, true, false, false, false]);
});
