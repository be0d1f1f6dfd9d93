import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { AnyStep } from '../../../src/domain/step.ts';
import { propose } from '../../../src/pipeline/definition/propose.ts';
import { Registry } from '../../../src/pipeline/definition/registry.ts';
import { dependencyMap, resolvePipeline } from '../../../src/pipeline/definition/resolve.ts';

const step = (name: string, needs: string[] = []): AnyStep => ({
  name,
  needs,
  schema: z.unknown(),
  summary: `Does ${name}.`,
  run: async () => ({}),
});
const registry = new Registry([
  step('words'),
  step('detect'),
  step('crop', ['detect']),
  step('prints', ['detect']),
  step('match', ['prints', 'words']),
  step('pipelineoutput'),
]);

test.each([
  ['what it needs is added just in front', ['words', 'match'], ['words', 'detect', 'prints', 'match']],
  ['a need that stands behind is moved in front', ['crop', 'words', 'detect'], ['detect', 'crop', 'words']],
  ['repetitions and strangers are left out', ['crop', 'crop', 'nonsense'], ['detect', 'crop']],
  ['slips are corrected', ['Detect', 'cropp', 'word'], ['detect', 'crop', 'words']],
  ['the output stands last, once', ['pipelineoutput', 'words', 'pipelineoutput'], ['words']],
  ['nothing is a pipeline of the output', [], []],
])('%s', (_, asked, expected) => {
  expect(propose(asked, registry)).toEqual([...expected, 'pipelineoutput']);
});

/** Registries of any steps, each needing some of those before it in some order. */
const registries = fc
  .uniqueArray(fc.stringMatching(/^[a-z][a-z0-9]{2,9}$/), { minLength: 1, maxLength: 8 })
  .filter((names) => !names.includes('pipelineoutput'))
  .chain((names) =>
    fc.tuple(
      ...names.map((name, index) => fc.subarray(names.slice(0, index)).map((needs) => step(name, needs))),
    ),
  )
  .chain((steps) => fc.shuffledSubarray(steps, { minLength: steps.length }))
  .map((steps) => new Registry([...steps, step('pipelineoutput')]));

test('whatever is asked for, the proposal is faultless, complete and stays as it is when asked for again', () => {
  const cases = registries.chain((known) =>
    fc.tuple(
      fc.constant(known),
      fc.array(fc.oneof(fc.constantFrom(...known.names), fc.string()), { maxLength: 12 }),
    ),
  );
  fc.assert(
    fc.property(cases, ([known, asked]) => {
      const proposed = propose(asked, known);
      expect(known.faults(proposed)).toEqual([]);
      expect(proposed).toEqual(expect.arrayContaining(asked.filter((name) => known.get(name))));
      expect(propose(proposed, known)).toEqual(proposed);
      if (known.faults(asked).length === 0) expect(proposed).toEqual(asked);
    }),
    { numRuns: 500 },
  );
});

test('of two steps that are asked for and do not need each other, the first stays the first', () => {
  const cases = registries.chain((known) =>
    fc.tuple(
      fc.constant(known),
      fc.shuffledSubarray(known.names.filter((name) => name !== 'pipelineoutput')),
    ),
  );
  fc.assert(
    fc.property(cases, ([known, asked]) => {
      const proposed = propose(asked, known);
      const inAll = (name: string) =>
        new Set(dependencyMap(known).find((info) => info.name === name)?.needs_in_all);
      for (const [index, later] of asked.entries()) {
        const earlier = asked.slice(0, index);
        // It may only overtake where one of those in front, or something they are kept behind, needs it.
        if (earlier.some((name) => inAll(name).has(later))) continue;
        for (const name of earlier) expect(proposed.indexOf(name)).toBeLessThan(proposed.indexOf(later));
      }
    }),
  );
});

test('steps that need each other in a circle, or the output, are refused by name', () => {
  const output = step('pipelineoutput');
  expect(() => new Registry([step('aaa', ['bbb']), step('bbb', ['aaa']), output])).toThrow(
    /in a circle: "aaa" needs "bbb" needs "aaa"/,
  );
  expect(() => new Registry([step('aaa', ['aaa']), output])).toThrow(/circle/);
  expect(() => new Registry([step('aaa', ['pipelineoutput']), output])).toThrow(/which stands last/);
});

test('what was asked for is answered with its faults, and every step with what it needs in all', () => {
  const resolved = resolvePipeline(['match', 'pipelineoutput'], registry);
  expect(resolved.faults).toHaveLength(2);
  expect(resolved.steps.map(({ name, added }) => [name, added])).toEqual([
    ['detect', true],
    ['prints', true],
    ['words', true],
    ['match', false],
    ['pipelineoutput', false],
  ]);
  expect(dependencyMap(registry).find(({ name }) => name === 'match')).toEqual({
    name: 'match',
    summary: 'Does match.',
    needs: ['prints', 'words'],
    needs_in_all: ['detect', 'prints', 'words'],
  });
});

test.each<[string, string[]]>([
  // Two letters of a long name, one of a name of five, none of a short one.
  ['detct', ['detect']],
  ['detc', []],
  ['detectxy', ['detect']],
  ['detectxyz', []],
  ['wrds', ['words']],
  ['wor', []],
  ['wo', []],
  ['wordsxy', ['words']],
  ['wordsxyz', []],
  ['c-r_o p', ['detect', 'crop']],
])('%s is meant for %j', (asked, expected) => {
  expect(propose([asked], registry)).toEqual([...expected, 'pipelineoutput']);
});

test('of two that could be meant none is', () => {
  const twins = new Registry([step('abcdef1'), step('abcdef2'), step('pipelineoutput')]);
  expect(propose(['abcdef'], twins)).toEqual(['pipelineoutput']);
  expect(propose(['abcdef2'], twins)).toEqual(['abcdef2', 'pipelineoutput']);
});
