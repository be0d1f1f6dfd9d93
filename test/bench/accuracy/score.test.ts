import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { edits } from '../../../bench/accuracy/edit-distance.ts';
import { normalise, scoreClass } from '../../../bench/accuracy/score.ts';

describe('edits', () => {
  test('a character left out is missing; one put in, or in the place of another, is invented', () => {
    expect(edits('water', 'water')).toEqual({ missing: 0, invented: 0 });
    expect(edits('water', 'wter')).toEqual({ missing: 1, invented: 0 });
    expect(edits('water', 'watter')).toEqual({ missing: 0, invented: 1 });
    expect(edits('ВОДА', 'BODA')).toEqual({ missing: 0, invented: 4 });
    expect(edits('', 'ghost')).toEqual({ missing: 0, invented: 5 });
    expect(edits('lost', '')).toEqual({ missing: 4, invented: 0 });
  });

  test('the number of edits is a distance', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 12 });
    const distance = (a: string, b: string) => {
      const { missing, invented } = edits(a, b);
      return missing + invented;
    };
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        expect(distance(a, a)).toBe(0);
        expect(distance(a, b)).toBe(distance(b, a));
        expect(distance(a, c)).toBeLessThanOrEqual(distance(a, b) + distance(b, c));
      }),
    );
  });
});

describe('a kind of picture', () => {
  test('rates are shares of what stands in all its pictures together, spaces and forms set aside', () => {
    const score = scoreClass('signs', [
      { expected: 'ABCDEFGH', found: 'ABCDEFGH', cpu: 30 },
      { expected: 'ab', found: 'aXX', cpu: 10 },
    ]);
    expect(score).toMatchObject({ pictures: 2, characters: 10, errorRate: 0.2, inventedRate: 0.2, cpu: 30 });
    expect(score.low).toBe(0);
    expect(score.high).toBe(1);
    expect(normalise(' a\n\tb  ﬁ ')).toBe('a b fi');
  });

  test('where nothing stands, characters invented per picture are told', () => {
    const score = scoreClass('no text', [
      { expected: '', found: 'abc', cpu: 1 },
      { expected: '', found: '', cpu: 1 },
    ]);
    expect(score).toMatchObject({ characters: 0, errorRate: 1.5, inventedRate: 1.5 });
  });
});
