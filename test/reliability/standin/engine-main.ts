/**
 * The vision engine as a process of its own, its models replaced by a stand-in that reads scenes from the pixels of the
 * test's images: real server, lists, limits and errors, at a few milliseconds an image. The flags are the engine's own.
 */
import { createHash } from 'node:crypto';
import {
  type Analysis,
  type AnalysisPart,
  UndecodableImageError,
} from '../../../src/local/vision/analysis.ts';
import { createEngine } from '../../../src/local/vision/engine.ts';
import { parseFlags } from '../../../src/local/vision/flags.ts';
import { createFakeAnalyzer } from '../../local/vision/fake-analyzer.ts';
import { readScene, toPicture } from './scene.ts';

const flags = parseFlags(process.argv.slice(2));
const fake = createFakeAnalyzer();
const scenes = new Map<string, Buffer>();

async function pictureIn(bytes: Uint8Array): Promise<Buffer> {
  const key = createHash('sha256').update(bytes).digest('base64');
  const known = scenes.get(key);
  if (known) return known;
  const scene = await readScene(bytes).catch(() => undefined);
  if (!scene) throw new UndecodableImageError('The image shows no scene.');
  if (scenes.size > 1000) scenes.clear();
  const made = toPicture(scene);
  scenes.set(key, made);
  return made;
}

const engine = createEngine({
  analyzer: {
    analyze: async <P extends AnalysisPart>(
      bytes: Uint8Array,
      parts: readonly P[],
    ): Promise<Pick<Analysis, P>> => fake.analyze(await pictureIn(bytes), parts),
    close: () => fake.close(),
  },
  limitedAccess: flags.limitedAccess,
  trainingMs: flags.trainingMs,
  ...(flags.data === undefined ? {} : { dataDir: flags.data }),
  ...(flags.callsPerSecond === undefined ? {} : { callsPerSecond: flags.callsPerSecond }),
});
for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) {
  process.on(signal as 'SIGTERM', () => void engine.close().then(() => process.exit(0)));
}
console.log(`vision engine listening on ${await engine.listen(flags.port, flags.host)}`);
