import { expect, test } from 'vitest';
import { z } from 'zod';
import { namedFault } from '../../src/domain/fault-in-words.ts';

const schema = z.strictObject({
  id: z.string().min(2),
  run: z.int().max(3),
  steps: z.array(z.string()).min(1),
  state: z.enum(['on', 'off']),
  at: z.iso.datetime(),
  own: z.string().refine((text) => text !== 'no', 'must not be no'),
});
const faults = (value: unknown) => {
  const parsed = schema.safeParse(value);
  return parsed.success ? [] : parsed.error.issues.map((issue) => namedFault(issue, 'the message'));
};

test('what is wrong is said in words, of which none is a validator’s', () => {
  expect(faults(7)).toEqual(['the message must be an object with fields']);
  expect(faults({ id: 'x', run: 4.5, steps: [], state: 'up', at: 'noon', own: 'no', more: 1 })).toEqual([
    'id must be at least 2 characters long',
    'run must be a whole number',
    'steps must be at least 1 long',
    'state must be "on" or "off"',
    'at must be a valid datetime',
    'own must not be no',
    'the message has fields that are not known: more',
  ]);
  expect(faults({ run: 9, steps: 'ocr', state: 'on', at: '2026-11-23T12:00:00Z', own: 'yes' })).toEqual([
    'id is missing: it must be a text',
    'run must be at most 3',
    'steps must be a list',
  ]);
});
