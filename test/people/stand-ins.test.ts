import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Edge, groupsOf, type Link } from '../../src/people/groups.ts';
import { isPerson, leastOf, type Node, personNode } from '../../src/people/node.ts';
import type { Place } from '../../src/people/places.ts';
import { componentsOf } from '../../src/people/reach.ts';
import { standInsFor } from '../../src/people/stand-ins.ts';

const FACES = Array.from({ length: 12 }, (_, n) => `face-${String(n).padStart(2, '0')}`);
/** The last four stand in two photographs. */
const PHOTOGRAPHS = new Map(FACES.map((face, n) => [face, n < 8 ? `alone-${n}` : `two-${n % 2}`]));
const PERSONS = ['ann', 'bob'].map(personNode);

const face = fc.constantFrom(...FACES);
const node = fc.oneof({ weight: 5, arbitrary: face }, { weight: 1, arbitrary: fc.constantFrom(...PERSONS) });
const edge: fc.Arbitrary<Edge> = fc
  .record({ a: face, b: face, confidence: fc.integer({ min: 50, max: 60 }).map((value) => value / 100) })
  .filter(({ a, b }) => PHOTOGRAPHS.get(a) !== PHOTOGRAPHS.get(b));
const pairOf = ({ a, b }: { a: Node; b: Node }) => [a, b].sort().join();
const word = fc
  .record({ a: node, b: node, kind: fc.constantFrom('same', 'same', 'different', 'undecided') })
  .filter(({ a, b }) => a !== b);
type Word = typeof word extends fc.Arbitrary<infer W> ? W : never;
const words = (most: number) => fc.uniqueArray(word, { maxLength: most, selector: pairOf });

const linksOf = (said: readonly Word[]): Link[] =>
  said.flatMap(({ a, b, kind }) => (kind === 'undecided' ? [] : [{ a, b, kind: kind as Link['kind'] }]));
const nodesOf = (links: readonly Link[]) => [
  ...FACES,
  ...links.flatMap(({ a, b }) => [a, b]).filter(isPerson),
];

/** What would be stored, had all of it been solved. */
function placesOf(edges: readonly Edge[], links: readonly Link[]): Map<string, Place> {
  const components = componentsOf(nodesOf(links), edges, links);
  const sizes = Map.groupBy(components.values(), (component) => component);
  const places = new Map<string, Place>();
  for (const { faces, solids, contested } of groupsOf(edges, links, PHOTOGRAPHS))
    for (const solid of solids)
      for (const one of solid) {
        const component = components.get(one) as string;
        if (sizes.get(component)?.length === 1) continue;
        places.set(one, {
          ...{ image: PHOTOGRAPHS.get(one) as string, batch: 'batch', component, group: faces[0] as string },
          ...{ solid: leastOf(solid), contested: contested !== undefined },
        });
      }
  return places;
}

/** Edges, what people said, and what they say of some pairs then. */
const world = (edges: number, before: number) =>
  fc.record({
    edges: fc.uniqueArray(edge, { maxLength: edges, selector: pairOf }),
    before: words(before),
    said: fc.uniqueArray(word, { minLength: 1, maxLength: 3, selector: pairOf }),
  });

/** @param left edges that are kept from the search: a search that is blind to them */
async function solved(
  { edges, before, said }: { edges: Edge[]; before: Word[]; said: Word[] },
  left: (edge: Edge) => boolean = () => true,
) {
  const changed = new Set(said.map(pairOf));
  const links = linksOf([...before.filter((one) => !changed.has(pairOf(one))), ...said]);
  let looked = 0;
  const solution = await standInsFor({
    ...{ decided: said.map(({ a, b }) => [a, b] as const), before: placesOf(edges, linksOf(before)), links },
    photographs: PHOTOGRAPHS,
    edgesOf: async (nodes) => {
      looked += nodes.length;
      return edges.filter((one) => left(one) && (nodes.includes(one.a) || nodes.includes(one.b)));
    },
  });
  const quick = solution && {
    groups: solution.groups,
    components: componentsOf(nodesOf(links), solution.edges, links),
  };
  const whole = {
    groups: groupsOf(edges, links, PHOTOGRAPHS),
    components: componentsOf(nodesOf(links), edges, links),
  };
  return { quick, whole, looked };
}

describe('a few edges in place of all', () => {
  test('make the same groups and components, whatever was said of any pairs', async () => {
    let quick = 0;
    // Few words, so that most components are one group; and many, so that hardly any is.
    for (const given of [world(14, 2), world(8, 5)])
      await fc.assert(
        fc.asyncProperty(given, async (one) => {
          const found = await solved(one);
          if (found.quick === undefined) return;
          quick += 1;
          expect(found.quick).toEqual(found.whole);
        }),
        { numRuns: 2000 },
      );
    // A test that all edges are read every time would say nothing.
    expect(quick).toBeGreaterThan(1000);
  });

  test('and a search that misses one is noticed', async () => {
    let different = 0;
    await fc.assert(
      fc.asyncProperty(world(14, 2), async (one) => {
        const found = await solved(one, ({ a }) => a !== one.said[0]?.a);
        if (
          found.quick !== undefined &&
          JSON.stringify(found.quick.groups) !== JSON.stringify(found.whole.groups)
        )
          different += 1;
      }),
      { numRuns: 1000 },
    );
    expect(different).toBeGreaterThan(0);
  });

  test('of a large group only what lies around those of whom it was said is looked at', async () => {
    const all = Array.from({ length: 400 }, (_, n) => `f${String(n).padStart(3, '0')}`);
    const edges = all.flatMap((a, n) =>
      all.slice(n + 1, n + 6).map((b): Edge => ({ a, b, confidence: 0.9 })),
    );
    const photographs = new Map(all.map((one) => [one, one]));
    const [out = ''] = all.slice(200);
    const links = edges
      .filter(({ a, b }) => a === out || b === out)
      .map(({ a, b }): Link => ({ a, b, kind: 'different' }));
    let looked = 0;
    const solution = await standInsFor({
      decided: links.map(({ a, b }) => [a, b]),
      before: new Map(
        all.map((one) => [
          one,
          { image: one, batch: 'b', component: 'f000', group: 'f000', solid: one, contested: false },
        ]),
      ),
      ...{ links, photographs },
      edgesOf: async (nodes) => {
        looked += nodes.length;
        return edges.filter(({ a, b }) => nodes.includes(a) || nodes.includes(b));
      },
    });
    expect(solution?.groups.map(({ faces }) => faces.length)).toEqual([399, 1]);
    expect(looked).toBe(11);
  });
});
