import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  isListId,
  isUuid,
  parseBoolean,
  parseInteger,
  parseNames,
  parseTargetFace,
} from '../../../../src/local/vision/http/query.ts';

const KNOWN = ['headPose', 'blur', 'mask'] as const;

test('a rectangle comes back as it was written', () => {
  const side = fc.integer({ min: 1, max: 99_999 });
  const edge = fc.nat(99_999);
  fc.assert(
    fc.property(edge, edge, side, side, (left, top, width, height) => {
      expect(parseTargetFace(`${left},${top},${width},${height}`)).toEqual({ left, top, width, height });
    }),
  );
});

test('whatever is parsed as a rectangle is four whole numbers with an area, and nothing throws', () => {
  const hostile = fc.oneof(
    fc.string(),
    fc.stringMatching(/^[-+0-9., eE]{0,24}$/),
    fc
      .array(fc.oneof(fc.integer(), fc.double(), fc.string()), { maxLength: 6 })
      .map((parts) => parts.join(',')),
  );
  fc.assert(
    fc.property(hostile, (value) => {
      const box = parseTargetFace(value);
      if (box === undefined) return;
      const sides = value.split(',').map((part) => Number(part.trim()));
      expect([box.left, box.top, box.width, box.height]).toEqual(sides);
      expect(sides.every((side) => Number.isInteger(side) && side >= 0)).toBe(true);
      expect(box.width * box.height).toBeGreaterThan(0);
    }),
  );
});

test('names are found in any case and order, each once, and the others are told apart', () => {
  const recased = fc
    .constantFrom(...KNOWN)
    .chain((name) =>
      fc
        .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
        .map((upper) => [...name].map((c, i) => (upper[i] ? c.toUpperCase() : c.toLowerCase())).join('')),
    );
  const other = fc.stringMatching(/^x[a-z]{0,8}$/);
  fc.assert(
    fc.property(fc.array(recased), fc.array(other), (names, others) => {
      const parsed = parseNames([...others, ...names].join(','), KNOWN);
      expect(new Set(parsed.names)).toEqual(
        new Set(KNOWN.filter((name) => names.some((each) => each.toLowerCase() === name.toLowerCase()))),
      );
      expect(parsed.names).toHaveLength(new Set(parsed.names).size);
      expect(parsed.unknown).toEqual(others);
    }),
  );
});

test('integers are taken within their bounds only', () => {
  fc.assert(
    fc.property(fc.integer(), (value) => {
      const expected = value >= 60 && value <= 86_400 ? value : undefined;
      expect(parseInteger(String(value), 1, 60, 86_400)).toBe(expected);
    }),
  );
  for (const value of ['1.5', '1e3', ' 60', '0x50', '60;', '９９', '9'.repeat(30)])
    expect(parseInteger(value, 1, 60, 86_400)).toBeUndefined();
  expect(parseInteger(null, 1, 60, 86_400)).toBe(1);
});

test('booleans are true and false and nothing else', () => {
  expect(parseBoolean('True', false)).toBe(true);
  expect(parseBoolean('false', true)).toBe(false);
  expect(parseBoolean(null, true)).toBe(true);
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (value) => {
      fc.pre(!/^(true|false)$/i.test(value));
      expect(parseBoolean(value, true)).toBeUndefined();
    }),
  );
});

test('ids are told from what is none', () => {
  fc.assert(fc.property(fc.uuid(), (id) => isUuid(id) && isUuid(id.toUpperCase()) && !isUuid(`${id}0`)));
  fc.assert(fc.property(fc.stringMatching(/^[a-z0-9_-]{1,64}$/), (id) => isListId(id)));
  fc.assert(fc.property(fc.string(), (id) => isListId(id) === /^[a-z0-9\-_]{1,64}$/.test(id)));
  fc.assert(fc.property(fc.anything(), (id) => typeof id === 'string' || (!isUuid(id) && !isListId(id))));
});
