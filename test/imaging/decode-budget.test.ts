import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bombSet, gifOfManyFrames, interlacedPng, jpegOfManyScans } from '../../bench/bombs/bombs.ts';
import type { Decoded } from '../../bench/bombs/decode-all.ts';
import { PermanentError } from '../../src/domain/errors.ts';
import { decodeUpright } from '../../src/imaging/decode.ts';
import { DecodeBudget, decodeBudget } from '../../src/imaging/decode-budget.ts';
import { inspectImage } from '../../src/imaging/inspect.ts';
import { openImage } from '../../src/imaging/sharp.ts';
import { slim } from '../../src/imaging/slim.ts';
import * as make from '../support/images.ts';

const limits = { maxBytes: 50_000_000, maxPixels: 100_000_000 };

/** Work that ends when it is told to. */
function work() {
  const { promise, resolve } = Promise.withResolvers<void>();
  let began = false;
  const run = () => {
    began = true;
    return promise;
  };
  return { run, end: resolve, began: () => began };
}

test('what does not fit waits, first come first served, however small', async () => {
  const budget = new DecodeBudget(10);
  const [large, larger, small] = [work(), work(), work()];
  const all = [budget.within(6, large.run), budget.within(8, larger.run), budget.within(1, small.run)];
  await turn();
  expect([large.began(), larger.began(), small.began()]).toEqual([true, false, false]);
  large.end();
  await all[0];
  await turn();
  expect([larger.began(), small.began()]).toEqual([true, true]);
  larger.end();
  small.end();
  await Promise.all(all);
  expect(budget.taken).toBe(0);
});

test('one above the budget is refused with a sentence, and takes nothing', async () => {
  const budget = new DecodeBudget(10_000_000);
  const refused = budget.within(25_000_000, () => Promise.resolve());
  await expect(refused).rejects.toThrow(
    /about 25 MB of memory; at most 10 MB.*baseline JPEG.*MAX_DECODE_BYTES/,
  );
  await expect(refused).rejects.toMatchObject({ code: 'ImageNeedsTooMuchMemory' });
  expect(budget.taken).toBe(0);
});

test('who waits too long comes back later, and those behind it move up', async () => {
  const budget = new DecodeBudget(10, 1);
  const holding = work();
  const held = budget.within(6, holding.run);
  const late = budget.within(8, () => Promise.resolve('late'));
  const fits = budget.within(4, () => Promise.resolve('fits'));
  await expect(late).rejects.toMatchObject({ code: 'DecodingBusy', retryAfterMs: 10_000 });
  expect(await fits.catch(({ code }: { code: string }) => code)).toMatch(/fits|DecodingBusy/);
  holding.end();
  await held;
  expect([budget.taken, budget.waiting]).toEqual([0, 0]);
});

test('pixels count until the end of the work that looks at them', async () => {
  const budget = new DecodeBudget(10);
  await budget.piece(async () => {
    await budget.within(
      9,
      async () => 'pixels',
      () => 5,
    );
    expect(budget.taken).toBe(5);
    // A crop of it: beyond the budget, and never waits for its own pixels.
    await budget.within(8, async () => expect(budget.taken).toBe(13));
  });
  expect(budget.taken).toBe(0);
});

test('however decodes nest, fail and run together, all of them end and everything is given back', async () => {
  const cost = fc.integer({ min: 1, max: 10 });
  const piece = fc.record({ outer: cost, inner: fc.array(cost, { maxLength: 3 }), fails: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
      const budget = new DecodeBudget(10);
      let outermost = 0;
      await Promise.allSettled(
        pieces.map(({ outer, inner, fails }) =>
          budget.piece(async () => {
            const decode = async () => {
              outermost += outer;
              expect(outermost).toBeLessThanOrEqual(10);
              await turn();
              await Promise.all(inner.map((bytes) => budget.within(bytes, () => turn())));
              outermost -= outer;
              if (fails) throw new Error('as decoders do');
            };
            await Promise.all([budget.within(outer, decode), turn()]);
          }),
        ),
      );
      expect([budget.taken, budget.waiting]).toEqual([0, 0]);
    }),
    { numRuns: 100 },
  );
});

test('no image is opened outside of the budget', async () => {
  await expect(openImage(await make.png())).rejects.toThrow(/outside of the budget/);
});

/** Does with the files what a host does, in a process of its own with so much memory for it. */
async function decodeAll(budget: number, files: readonly Buffer[]): Promise<Decoded> {
  const folder = await mkdtemp(path.join(tmpdir(), 'imaginem-bombs-'));
  try {
    const paths = files.map((_, index) => path.join(folder, String(index)));
    await Promise.all(files.map((bytes, index) => writeFile(paths[index] as string, bytes)));
    const child = path.join(import.meta.dirname, '../../bench/bombs/decode-all.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [child, String(budget), ...paths]);
    return JSON.parse(stdout) as Decoded;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Beside the pixels: the files themselves, rows, threads. */
const SLACK_MB = 90;

test.runIf(process.platform === 'linux')(
  'six interlaced PNGs of 16 bits at once stay within the memory of one (before: of four)',
  async () => {
    const bomb = interlacedPng(2500);
    const { addedMb, outcomes } = await decodeAll(
      60_000_000,
      Array.from({ length: 6 }, () => bomb),
    );
    expect(outcomes).toEqual(Array.from({ length: 6 }, () => 'done'));
    expect(addedMb).toBeLessThan(60 + SLACK_MB);
  },
);

test('every bomb ends soon, as a picture or with a code of its own', async () => {
  const outcomes = Object.entries(await bombSet(1000)).map(async ([name, bytes]) => {
    const found = await inspectImage(bytes, limits).catch((error: PermanentError) => error.code);
    return [name, typeof found === 'string' ? found : 'done'];
  });
  expect(Object.fromEntries(await Promise.all(outcomes))).toEqual({
    'PNG, interlaced, 16 bits, transparent': 'done',
    'JPEG, progressive, 4:4:4': 'done',
    'JPEG, lying on its side': 'done',
    'WebP, lossy': 'done',
    GIF: 'done',
    'TIFF, in one strip': 'done',
    'TIFF, 100 x 100 in one tile': 'BrokenImage',
    'PNG, 60 MB of texts': 'done',
    'GIF, two million frames': 'done',
    'JPEG, ten thousand scans': 'ImageTooManyScans',
    'HEIC header': 'UnsupportedImageFormat',
    'AVIF header': 'UnsupportedImageFormat',
  });
});

test('an image that takes more than the budget is refused by its header', async () => {
  const bomb = interlacedPng(2000);
  decodeBudget.limit = 30_000_000;
  try {
    const started = performance.now();
    await expect(inspectImage(bomb, limits)).rejects.toMatchObject({ code: 'ImageNeedsTooMuchMemory' });
    await expect(decodeUpright(bomb)).rejects.toBeInstanceOf(PermanentError);
    expect(performance.now() - started).toBeLessThan(5000);
  } finally {
    decodeBudget.limit = 1_000_000_000;
  }
});

test('a GIF of two million frames is looked into at once, and its row says how many there are', async () => {
  const bomb = gifOfManyFrames(2_000_000);
  const started = performance.now();
  const found = await inspectImage(bomb, limits);
  expect(performance.now() - started).toBeLessThan(8000);
  expect(found.pages).toBe(2_000_000);
  expect(found.warnings).toContainEqual(
    expect.objectContaining({ code: 'FramesNotRead', message: expect.stringContaining('2,000,000 frames') }),
  );
});

test('a JPEG of very many scans is refused before it is decoded', async () => {
  await expect(inspectImage(await jpegOfManyScans(5000), limits)).rejects.toMatchObject({
    code: 'ImageTooManyScans',
  });
  expect(
    await inspectImage(await make.jpeg(make.noise(64, 64), { progressive: true }), limits),
  ).toMatchObject({
    format: 'jpeg',
  });
});

test('texts of a PNG never reach the decoder, and all else of it does', async () => {
  const plain = await make.png(make.noise(40, 30));
  const bomb = await make.pngTextBomb(8, 7_000_000);
  expect(slim(bomb).length).toBeLessThan(1000);
  expect(slim(bomb).includes('zTXt')).toBe(false);
  expect(slim(plain)).toBe(plain);
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: plain.length }), fc.boolean(), async (length, hasTexts) => {
      const cut = (hasTexts ? bomb : plain).subarray(0, length);
      expect(slim(cut).length).toBeLessThanOrEqual(cut.length);
    }),
  );
});

test('of a GIF the frames that are looked at stay as they are', async () => {
  const gif = await make.animated('gif', 40, 20, 20);
  const first = await inspectImage(gif, limits);
  expect(first.pages).toBe(40);
  expect(slim(gif).length).toBeLessThan(gif.length);
  expect((await decodeUpright(slim(gif))).data).toEqual((await decodeUpright(gif)).data);
});
