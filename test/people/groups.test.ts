import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { counting } from '../../src/people/decision.ts';
import { type Edge, type Group, groupsOf, type Link } from '../../src/people/groups.ts';
import { isPerson, type Node, personNode, personOf } from '../../src/people/node.ts';

/** Two faces of one photograph each, so that photographs keep much apart. */
const FACES = Array.from({ length: 10 }, (_, n) => `face-${n}`);
const PHOTOGRAPHS = new Map(FACES.map((face, n) => [face, `image-${Math.floor(n / 2)}`]));
const PERSONS = ['ann', 'bob', 'cid'].map(personNode);

const face = fc.constantFrom(...FACES);
const node = fc.oneof({ weight: 4, arbitrary: face }, { weight: 1, arbitrary: fc.constantFrom(...PERSONS) });
const edge: fc.Arbitrary<Edge> = fc
  .record({ a: face, b: face, confidence: fc.integer({ min: 50, max: 60 }).map((value) => value / 100) })
  .filter(({ a, b }) => PHOTOGRAPHS.get(a) !== PHOTOGRAPHS.get(b));
const link: fc.Arbitrary<Link> = fc
  .record({ a: node, b: node, kind: fc.constantFrom('same' as const, 'different' as const) })
  .filter(({ a, b }) => a !== b);
const world = fc.record({
  edges: fc.uniqueArray(edge, { maxLength: 20, selector: ({ a, b }) => [a, b].sort().join() }),
  links: fc.array(link, { maxLength: 8 }),
});

/** The definition, word for word and slowly: sets of nodes, and every pair of them looked at. */
function plainly(edges: readonly Edge[], links: readonly Link[]): string[] {
  const nodes = [...new Set([...FACES, ...links.flatMap(({ a, b }) => [a, b])])];
  const same = links.filter(({ kind }) => kind === 'same');
  const different = links.filter(({ kind }) => kind === 'different');
  const hang = (pairs: readonly { a: Node; b: Node }[]) => {
    let sets = nodes.map((one) => [one]);
    for (const { a, b } of pairs) {
      const both = sets.filter((set) => set.includes(a) || set.includes(b));
      sets = [...sets.filter((set) => !both.includes(set)), both.flat()];
    }
    return sets;
  };
  const alike = (a: Node, b: Node) =>
    isPerson(a) ? isPerson(b) : PHOTOGRAPHS.get(a) !== undefined && PHOTOGRAPHS.get(a) === PHOTOGRAPHS.get(b);
  const direct = hang(same.filter(({ a, b }) => alike(a, b)));
  const isSaid = (a: Node, b: Node) => direct.some((set) => set.includes(a) && set.includes(b));
  const pairsOf = (set: Node[]) => set.flatMap((a) => set.filter((b) => b !== a).map((b) => [a, b] as const));
  const isTornApart = (a: Node, b: Node) =>
    different.some((one) => (one.a === a && one.b === b) || (one.a === b && one.b === a));
  const contested = (set: Node[]) =>
    pairsOf(set).some(([a, b]) => isTornApart(a, b) || (alike(a, b) && !isSaid(a, b)));
  const solids = hang(same);
  const frozen = solids.filter(contested).flat();
  let groups = solids.flatMap((set) => (contested(set) ? set.map((one) => [one]) : [set]));
  const sorted = edges
    .map(({ a, b, confidence }) => ({ a: a < b ? a : b, b: a < b ? b : a, confidence }))
    .sort((x, y) => y.confidence - x.confidence || (x.a < y.a ? -1 : x.a > y.a ? 1 : x.b < y.b ? -1 : 1));
  for (const { a, b } of sorted) {
    if (frozen.includes(a) || frozen.includes(b)) continue;
    const one = groups.find((set) => set.includes(a)) ?? [];
    const two = groups.find((set) => set.includes(b)) ?? [];
    if (one === two) continue;
    if (one.some((x) => two.some((y) => isTornApart(x, y) || alike(x, y)))) continue;
    groups = [...groups.filter((set) => set !== one && set !== two), [...one, ...two]];
  }
  return groups
    .map((set) => set.filter((one) => !isPerson(one)).sort())
    .filter((faces) => faces.length > 0)
    .map((faces) => faces.join())
    .sort();
}

const facesOf = (groups: readonly Group[]) => groups.map(({ faces }) => faces.join()).sort();

describe('groups are a function of edges and decisions', () => {
  test('the one that the definition gives', () => {
    fc.assert(
      fc.property(world, ({ edges, links }) => {
        expect(facesOf(groupsOf(edges, links, PHOTOGRAPHS))).toEqual(plainly(edges, links));
      }),
      { numRuns: 2000 },
    );
  });

  test('in whatever order, and however often, they came', () => {
    fc.assert(
      fc.property(
        world.chain(({ edges, links }) =>
          fc.record({
            edges: fc.constant(edges),
            links: fc.constant(links),
            shuffledEdges: fc.shuffledSubarray([...edges, ...edges], { minLength: 2 * edges.length }),
            shuffledLinks: fc.shuffledSubarray([...links, ...links], { minLength: 2 * links.length }),
            photographs: fc.shuffledSubarray([...PHOTOGRAPHS], { minLength: PHOTOGRAPHS.size }),
          }),
        ),
        ({ edges, links, shuffledEdges, shuffledLinks, photographs }) => {
          const turned = shuffledEdges.map(({ a, b, confidence }) => ({ a: b, b: a, confidence }));
          const groups = groupsOf(turned, shuffledLinks, new Map(photographs));
          expect(groups).toEqual(groupsOf(edges, links, PHOTOGRAPHS));
          const ids = groups.map(({ id }) => id);
          expect(ids).toEqual([...ids].sort());
          for (const { faces, persons, solids } of groups)
            for (const some of [faces, persons, ...solids]) expect(some).toEqual([...some].sort());
        },
      ),
      { numRuns: 500 },
    );
  });

  test('every face is in one group; none holds a pair that was told apart, two persons, or one photograph twice unsaid', () => {
    fc.assert(
      fc.property(world, ({ edges, links }) => {
        const groups = groupsOf(edges, links, PHOTOGRAPHS);
        expect(groups.flatMap(({ faces }) => faces).sort()).toEqual([...FACES].sort());
        for (const group of groups) {
          expect(group.solids.flat().sort()).toEqual(group.faces);
          const members = [...group.faces, ...group.persons.map(personNode)];
          for (const { a, b, kind } of links) {
            if (kind === 'different') expect(members.includes(a) && members.includes(b)).toBe(false);
            else if (group.contested === undefined && !isPerson(a) && !isPerson(b))
              expect(group.faces.includes(a)).toBe(group.faces.includes(b));
          }
          if (group.persons.length > 1) {
            const merges = links.filter(({ a, b, kind }) => kind === 'same' && isPerson(a) && isPerson(b));
            for (const person of group.persons)
              expect(merges.some(({ a, b }) => [a, b].includes(personNode(person)))).toBe(true);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('a decision that contradicts others by way of a chain contests what hangs on it, and nothing else', () => {
    const links: Link[] = [
      { a: 'face-0', b: 'face-2', kind: 'same' },
      { a: 'face-2', b: 'face-4', kind: 'same' },
      { a: 'face-4', b: 'face-0', kind: 'different' },
      { a: 'face-6', b: 'face-8', kind: 'same' },
    ];
    const edges = [
      { a: 'face-2', b: 'face-7', confidence: 0.9 },
      { a: 'face-8', b: 'face-5', confidence: 0.8 },
    ];
    const groups = groupsOf(edges, links, PHOTOGRAPHS);
    for (const one of ['face-0', 'face-2', 'face-4'])
      expect(groups).toContainEqual({
        ...{ id: one, faces: [one], persons: [], solids: [[one]] },
        contested: 'face-0',
      });
    expect(facesOf(groups)).toContain('face-5,face-6,face-8');
    expect(facesOf(groups)).toContain('face-7');
  });

  test('two faces of one photograph are one person by a person’s word only, and then they may be', () => {
    const edges = [
      { a: 'face-0', b: 'face-2', confidence: 0.9 },
      { a: 'face-1', b: 'face-2', confidence: 0.8 },
    ];
    expect(facesOf(groupsOf(edges, [], PHOTOGRAPHS))).toContain('face-0,face-2');
    const mirror: Link = { a: 'face-0', b: 'face-1', kind: 'same' };
    expect(facesOf(groupsOf(edges, [mirror], PHOTOGRAPHS))).toContain('face-0,face-1,face-2');
    const byWayOf: Link[] = [
      { a: 'face-0', b: 'face-2', kind: 'same' },
      { a: 'face-2', b: 'face-1', kind: 'same' },
    ];
    expect(groupsOf([], byWayOf, PHOTOGRAPHS)[0]).toMatchObject({ faces: ['face-0'], contested: 'face-0' });
  });

  test('of merged persons the one stays into which the others were merged', () => {
    const [ann, bob, cid] = PERSONS as [Node, Node, Node];
    const links: Link[] = [
      { a: 'face-0', b: cid, kind: 'same' },
      { a: 'face-2', b: ann, kind: 'same' },
      { a: ann, b: bob, kind: 'same' },
      { a: cid, b: ann, kind: 'same' },
    ];
    const [group] = groupsOf([], links, PHOTOGRAPHS).filter(({ person }) => person !== undefined);
    expect(group).toMatchObject({ id: bob, person: personOf(bob), faces: ['face-0', 'face-2'] });
  });
});

describe('what is told of a group', () => {
  const [ann, bob, cid] = PERSONS as [Node, Node, Node];
  const same = (a: Node, b: Node): Link => ({ a, b, kind: 'same' });

  test('is not torn apart by faces whose photographs are not known, nor joined through them; all faces of one photograph count', () => {
    const edges = [{ a: 'face-0', b: 'face-2', confidence: 0.9 }];
    const unknown = [same('face-0', 'x'), same('face-0', 'y'), same('face-2', 'z')];
    expect(groupsOf(edges, unknown, PHOTOGRAPHS).map(({ faces }) => faces.join())).toContain(
      'face-0,face-2,x,y,z',
    );
    const three = new Map([...PHOTOGRAPHS, ['third', 'image-0'] as const]);
    const mirror = [same('face-0', 'face-1'), same('face-1', 'face-2'), same('face-2', 'third')];
    const contested = (links: Link[]) => groupsOf([], links, three).filter((one) => one.contested).length;
    expect(contested(mirror)).toBe(4);
    expect(contested([...mirror, same('third', 'face-0')])).toBe(0);
  });

  test('is whose it is: of merged persons nobody is taken for merged because they are told from others, or have a face', () => {
    const merged = [same('face-0', ann), same(ann, bob)];
    const of = (...links: Link[]) =>
      groupsOf([], [...merged, ...links], PHOTOGRAPHS).find(({ faces }) => faces.includes('face-0'))?.person;
    expect(of()).toBe(personOf(bob));
    expect(of({ a: bob, b: cid, kind: 'different' })).toBe(personOf(bob));
    expect(of(same(bob, 'face-2'))).toBe(personOf(bob));
    // Whoever merged them in a circle has them by the first.
    expect(of(same(bob, ann))).toBe(personOf(ann));
    expect(groupsOf([], [same(ann, bob)], PHOTOGRAPHS)).toHaveLength(FACES.length);
  });

  test('is what people said of it, the named first, then the larger, then the lesser', () => {
    const links = [same('face-8', ann), same('face-4', 'face-6')];
    const edge = (a: string, b: string, confidence: number) => ({ a, b, confidence });
    const edges = [
      edge('face-8', 'face-4', 0.9),
      edge('face-6', 'face-2', 0.8),
      edge('face-2', 'face-0', 0.7),
    ];
    const [group] = groupsOf(edges, links, PHOTOGRAPHS).filter(({ person }) => person !== undefined);
    expect(group).toEqual({
      ...{ id: ann, person: personOf(ann), persons: [personOf(ann)] },
      faces: ['face-0', 'face-2', 'face-4', 'face-6', 'face-8'],
      solids: [['face-8'], ['face-4', 'face-6'], ['face-0'], ['face-2']],
    });
  });

  test('is without a face whose photograph is not there, and the surest pair decides, whichever way round it is told', () => {
    const some = new Map([...PHOTOGRAPHS].filter(([face]) => face !== 'face-9'));
    const edge = (a: string, b: string, confidence: number) => ({ a, b, confidence });
    expect(facesOf(groupsOf([edge('face-9', 'face-0', 0.9)], [], some))).toContain('face-0');
    // face-2 and face-3 are of one photograph: face-0 is with the surer one.
    for (const edges of [
      [edge('face-0', 'face-2', 0.8), edge('face-3', 'face-0', 0.9)],
      [edge('face-3', 'face-0', 0.9), edge('face-0', 'face-2', 0.8)],
    ])
      expect(facesOf(groupsOf(edges, [], some))).toContain('face-0,face-3');
    expect(
      facesOf(groupsOf([edge('face-3', 'face-0', 0.9), edge('face-2', 'face-0', 0.9)], [], some)),
    ).toContain('face-0,face-2');
  });
});

describe('the decisions that count', () => {
  test('an undo equals never; undone itself, it never was', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ undo: fc.boolean(), of: fc.nat() }), { minLength: 1, maxLength: 12 }),
        fc.nat(),
        (events, at) => {
          const log = events.map(({ undo, of }, n) => ({
            id: `d${n}`,
            ...(undo && n > 0 && { supersedes: `d${of % n}` }),
          }));
          const target = log[at % log.length] as (typeof log)[number];
          const ids = (some: { id: string }[]) => some.map(({ id }) => id).sort();
          const undo = { id: 'undo', supersedes: target.id };
          const without = log.filter((one) => one !== target);
          if (ids(counting(log)).includes(target.id))
            expect(ids(counting([...log, undo])).filter((id) => id !== 'undo')).toEqual(
              ids(counting(without)),
            );
          const undone = [...log, undo, { id: 'redo', supersedes: 'undo' }];
          expect(ids(counting(undone)).filter((id) => id !== 'redo')).toEqual(ids(counting(log)));
          expect(ids(counting([...log].reverse()))).toEqual(ids(counting(log)));
        },
      ),
      { numRuns: 500 },
    );
  });
});
