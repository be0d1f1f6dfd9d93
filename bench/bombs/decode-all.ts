/**
 * A process that does with each of its files what the host does with an image, all at once, and says how much memory that
 * took: `node decode-all.ts <bytes of the budget> <file>...` prints JSON.
 */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { decodeUpright } from '../../src/imaging/decode.ts';
import { decodeBudget } from '../../src/imaging/decode-budget.ts';
import { inspectImage } from '../../src/imaging/inspect.ts';
import { makeRendition } from '../../src/imaging/rendition.ts';

export interface Decoded {
  /** Megabytes that decoding added at most to what the process had before. */
  addedMb: number;
  ms: number;
  /** Of each file: `done`, or the code with which it was refused. */
  outcomes: string[];
}

const [limit = '', ...files] = process.argv.slice(2);

async function asTheHost(bytes: Buffer): Promise<string> {
  try {
    const found = await inspectImage(bytes, { maxBytes: 50_000_000, maxPixels: 100_000_000 });
    const rendition = found.rendition && (await makeRendition(bytes, found));
    await decodeBudget.piece(() => decodeUpright(rendition?.bytes ?? bytes, rendition ?? found));
    return 'done';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

const status = (name: string): number =>
  Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1000;

const contents = await Promise.all(files.map((file) => readFile(file)));
// What the library takes by itself is none of the images'.
await asTheHost(readFileSync(new URL('../../samples/sign.jpg', import.meta.url)));
decodeBudget.limit = Number(limit);
const before = status('VmRSS');
const started = performance.now();
const outcomes = await Promise.all(contents.map(asTheHost));
const decoded: Decoded = {
  addedMb: Math.round(Math.max(0, status('VmHWM') - before)),
  ms: Math.round(performance.now() - started),
  outcomes,
};
console.log(JSON.stringify(decoded));
