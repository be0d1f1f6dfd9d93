import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { AnyStep } from '../../../src/domain/step.ts';
import { DefinitionError, Registry } from '../../../src/pipeline/definition/registry.ts';

const step = (name: string, needs: string[] = []): AnyStep => ({
  name,
  needs,
  schema: z.unknown(),
  summary: 'For this test.',
  run: async () => ({}),
});
const registry = new Registry([
  step('detect'),
  step('crop', ['detect']),
  step('print', ['detect']),
  step('pipelineoutput'),
]);

describe('the registry refuses at start-up, saying what to change', () => {
  test.each([
    ['an unknown step', 'detect,colour,pipelineoutput', /no step "colour".*one of detect, crop/],
    [
      'a step before what it needs',
      'crop,detect,pipelineoutput',
      /"crop" stands before "detect".*move "detect"/,
    ],
    ['a step without what it needs', 'crop,pipelineoutput', /"crop" needs "detect": add "detect"/],
    ['a doubled step', 'detect,detect,pipelineoutput', /"detect" stands twice/],
    ['an empty definition', ' , ', /is empty/],
    ['a definition without output', 'detect', /does not end in "pipelineoutput": add it/],
    ['an output that is not last', 'pipelineoutput,detect', /must stand last/],
    ['two outputs', 'pipelineoutput,pipelineoutput', /stands twice/],
  ])('%s', (_, definition, sentence) => {
    expect(() => registry.definition(definition)).toThrow(DefinitionError);
    expect(() => registry.definition(definition)).toThrow(sentence);
  });

  test('names that could not be a queue, a function and a column', () => {
    for (const name of ['ab', 'Detect', '1abc', 'a-b', 'a_b', 'a'.repeat(57), '']) {
      expect(() => new Registry([step(name)]), name).toThrow(/is not allowed: rename it/);
    }
  });

  test('defect 9 of 2017: two steps of one name, and a need that nothing provides', () => {
    expect(() => new Registry([step('abc'), step('abc')])).toThrow(/Two steps are named "abc"/);
    expect(() => new Registry([step('abc', ['xyz'])])).toThrow(/"abc" needs "xyz", which no step provides/);
  });
});

test('spaces are forgiven and every fault is told at once', () => {
  expect(registry.definition(' detect , crop,pipelineoutput ')).toEqual(['detect', 'crop', 'pipelineoutput']);
  expect(registry.faults(['colour', 'crop'])).toHaveLength(3);
});

test('an output that the job brings along meets a need', () => {
  expect(registry.faults(['crop', 'pipelineoutput'], new Set(['detect']))).toEqual([]);
});

test('any order of the steps without a fault meets every need in front', () => {
  const names = ['detect', 'crop', 'print'];
  fc.assert(
    fc.property(fc.shuffledSubarray(names), (chosen) => {
      const pipeline = [...chosen, 'pipelineoutput'];
      const met = chosen.every((name, at) => name === 'detect' || chosen.slice(0, at).includes('detect'));
      expect(registry.faults(pipeline).length === 0).toBe(met);
    }),
  );
});

test('a pipeline has twenty steps at most', () => {
  const names = Array.from({ length: 20 }, (_, n) => `step${n}`);
  const many = new Registry([...names.map((name) => step(name)), step('pipelineoutput')]);
  expect(many.faults([...names.slice(1), 'pipelineoutput'])).toEqual([]);
  expect(many.faults([...names, 'pipelineoutput'])).toEqual([
    'it has 21 steps: the journal has room for 20.',
  ]);
});

test('a name that every object has is none for a step', () => {
  expect(() => new Registry([step('constructor')])).toThrow(/taken by JavaScript itself/);
});

test('suggestions are taken out of the outputs of those steps that make some, and of no other', () => {
  const takes = (name: string) => ({
    ...step(name),
    keepSuggestions: (output: unknown) => (output === 'none' ? output : `less of ${output}`),
  });
  const { keepSuggestions } = new Registry([takes('one') as AnyStep, takes('two') as AnyStep, step('three')]);
  const all = { one: 'a', two: 'none', three: 'c' };
  expect(keepSuggestions(all, () => true)).toEqual({ one: 'less of a', two: 'none', three: 'c' });
  const none = { two: 'none', three: 'c' };
  expect(keepSuggestions(none, () => true)).toBe(none);
});
