import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { analyse } from 'scslre';
import { describe, expect, test } from 'vitest';
import { parse, walk } from '../../scripts/mutate/syntax.ts';
import { batchFolder, blobFileName } from '../../src/api/blob-name.ts';
import { decodeQueueMessage, MESSAGE_BYTES } from '../../src/pipeline/message/codec.ts';
import { assertOneSelect } from '../../src/results/read-only.ts';

/**
 * Whether matching can take more than linear time, from the expression itself and not from a clock: quantifiers that
 * trade characters, with one another or with the search for a beginning. Every literal is held to it, also those that
 * meet only settings: who meets outside text changes more often than the expressions do.
 */
const slow = (pattern: string, flags: string): string[] =>
  analyse({ source: pattern, flags }).reports.map(
    ({ type, character }) => `${type} on ${JSON.stringify(character.pick)}`,
  );

interface Found {
  readonly at: string;
  readonly pattern: string;
  readonly flags: string;
}

const source = path.resolve('src');
const literals: Found[] = [];
const built: string[] = [];
for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
  if (!/\.tsx?$/.test(file)) continue;
  const text = readFileSync(path.join(source, file), 'utf8');
  walk(parse(file, text), ({ type, regex, start, callee }) => {
    const at = `${file}:${text.slice(0, start).split('\n').length}`;
    if (type === 'Literal' && regex) literals.push({ at, pattern: regex.pattern, flags: regex.flags });
    if (callee?.type === 'Identifier' && callee.name === 'RegExp') built.push(at);
  });
}

describe('regular expressions take linear time', () => {
  test('each of src/, found by parsing', () => {
    expect(literals.length).toBeGreaterThan(200);
    const faults = literals.flatMap(({ at, pattern, flags }) =>
      slow(pattern, flags).map((why) => `${at} /${pattern}/${flags}: ${why}`),
    );
    expect(faults).toEqual([]);
  });

  test('none is put together at run time, where nobody can look at it', () => {
    expect(built).toEqual([]);
  });

  test('the look finds those that held up the API', () => {
    expect(slow('^[A-Za-z0-9+/\\s]+={0,2}\\s*$', '')).not.toEqual([]);
    expect(slow('^[. ]+|[. ]+$', 'g')).not.toEqual([]);
    expect(slow('[. ]+$', '')).not.toEqual([]);
  });
});

/** Steps cannot be counted from outside: eight times the text may take up to thirty times as long, where a quadratic one takes 64. */
function growth(run: (size: number) => void, size: number): number {
  const best = (n: number) => {
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 5; round++) {
      const begun = performance.now();
      run(n);
      least = Math.min(least, performance.now() - begun);
    }
    return least;
  };
  best(size / 8);
  // Below a twentieth of a millisecond the clock says nothing.
  return best(size) / Math.max(best(size / 8), 0.05);
}

describe('the functions around them, on the worst text of the largest size', () => {
  const quietly = (run: () => void) => {
    try {
      run();
    } catch {}
  };

  test.each([
    ['white space that is nearly base64', (n: number) => `A${' '.repeat(n - 2)}!`],
    ['base64 that is nearly padded', (n: number) => `${'A='.repeat(n / 2)}!`],
    ['only letters of base64', (n: number) => `${'A'.repeat(n - 1)}!`],
  ])('a queue message: %s', (_, text) => {
    expect(growth((n) => quietly(() => decodeQueueMessage(text(n))), MESSAGE_BYTES)).toBeLessThan(30);
  });

  test.each([
    ['dots', (n: number) => `${'.'.repeat(n)}x`],
    ['spaces and dots', (n: number) => `x${' .'.repeat(n / 2)}x`],
    ['lone surrogates', (n: number) => `x${'\ud800'.repeat(n)}x`],
  ])('names of files and batches: %s', (_, text) => {
    expect(growth((n) => blobFileName(text(n), 'jpeg'), 1 << 20)).toBeLessThan(30);
    expect(growth((n) => batchFolder(text(n)), 1 << 20)).toBeLessThan(30);
  });

  test.each(['[', "'", '"', '/*', '--', '[]]', ' '])('a query of nothing but %s', (piece) => {
    const run = (n: number) => quietly(() => assertOneSelect(`select ${piece.repeat(n / piece.length)}x`));
    expect(growth(run, 128 * 1024)).toBeLessThan(30);
  });
});

test('what is base64 is read as before', () => {
  const encoded = Buffer.from('{"a":[1,2]}').toString('base64');
  for (const text of [encoded, ` ${encoded}\n`, `${encoded.slice(0, 4)}\r\n${encoded.slice(4)}`]) {
    expect(decodeQueueMessage(text)).toEqual({ a: [1, 2] });
  }
  expect(() => decodeQueueMessage('e30= =')).toThrow('not JSON');
});
