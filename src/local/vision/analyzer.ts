import { createHash } from 'node:crypto';
import { decodeBudget } from '../../imaging/decode-budget.ts';
import { imageHeader } from '../../imaging/image-header.ts';
import type { Analyzer } from './analysis.ts';
import { MAX_PIXELS } from './max-pixels.ts';
import { ResultCache } from './models/result-cache.ts';
import { WorkerPool } from './models/worker-pool.ts';

interface AnalyzerOptions {
  /** Worker threads, each with its own models (about 0.6 GB once all are loaded). Default 1. */
  workers?: number;
  /** Images whose results are kept. Default 256. */
  cacheEntries?: number;
}

/**
 * The models behind the {@link Analyzer} seam, in worker threads. Nothing is loaded until it is asked for. Images are
 * known by the SHA-256 of their bytes: a part is computed once however many calls want it, at once or later. The
 * bytes must never be changed; the results belong to the caller.
 */
export function createAnalyzer({ workers = 1, cacheEntries = 256 }: AnalyzerOptions = {}): Analyzer {
  const pool = new WorkerPool({ workers });
  const cache = new ResultCache(cacheEntries);
  // A call asks twice about the bytes it brought: what is true of them is found out once.
  const keyOf = onceForEach((bytes) => createHash('sha256').update(bytes).digest('hex'));
  const costOf = onceForEach(unpackCost);
  return {
    analyze: async (bytes, parts) => {
      const key = keyOf(bytes);
      return structuredClone(
        await cache.get(key, parts, async (missing) =>
          decodeBudget.within(await costOf(bytes), () => pool.run({ key, bytes, parts: missing })),
        ),
      );
    },
    close: () => pool.close(),
  };
}

function onceForEach<T>(find: (bytes: Uint8Array) => T): (bytes: Uint8Array) => T {
  const found = new WeakMap<Uint8Array, { value: T }>();
  return (bytes) => {
    const known = found.get(bytes) ?? { value: find(bytes) };
    found.set(bytes, known);
    return known.value;
  };
}

/** Bytes of memory that a worker takes to decode an image; next to none of what it will refuse. */
async function unpackCost(bytes: Uint8Array): Promise<number> {
  const header = await imageHeader(bytes).catch(() => undefined);
  if (header === undefined) return bytes.length;
  const { facts, cost } = header;
  return facts.width * facts.height > MAX_PIXELS ? bytes.length : cost.load + cost.turn;
}
