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
 * bytes must not be changed before the call settles; the results belong to the caller.
 */
export function createAnalyzer({ workers = 1, cacheEntries = 256 }: AnalyzerOptions = {}): Analyzer {
  const pool = new WorkerPool({ workers });
  const cache = new ResultCache(cacheEntries);
  return {
    analyze: async (bytes, parts) => {
      const key = createHash('sha256').update(bytes).digest('hex');
      return structuredClone(
        await cache.get(key, parts, async (missing) =>
          decodeBudget.within(await unpackCost(bytes), () => pool.run({ key, bytes, parts: missing })),
        ),
      );
    },
    close: () => pool.close(),
  };
}

/** Bytes of memory that a worker takes to decode an image; next to none of what it will refuse. */
async function unpackCost(bytes: Uint8Array): Promise<number> {
  const header = await imageHeader(bytes).catch(() => undefined);
  if (header === undefined) return bytes.length;
  const { facts, cost } = header;
  return facts.width * facts.height > MAX_PIXELS ? bytes.length : cost.load + cost.turn;
}
