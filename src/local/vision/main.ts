/**
 * The vision engine as a process of its own. Says `vision engine listening on http://HOST:PORT` once it answers;
 * stops on SIGTERM, SIGINT, the message 'shutdown' from its parent, or when its parent is gone. The key that every call
 * must bring may stand in VISION_ENGINE_KEY: an argument can be read by everybody on the machine.
 */
import type { Log } from '../../domain/ports.ts';
import { decodeBudget } from '../../imaging/decode-budget.ts';
import { createAnalyzer } from './analyzer.ts';
import { createEngine, type Engine } from './engine.ts';
import { parseFlags } from './flags.ts';

// What it writes shows people: for the one who runs it only.
process.umask(0o077);

const flags = parseFlags(process.argv.slice(2));
decodeBudget.limit = flags.maxDecodeBytes;
const key = flags.key ?? (process.env.VISION_ENGINE_KEY || undefined);

const line =
  (level: string) =>
  (event: string, fields: Record<string, unknown> = {}): void =>
    console.error(JSON.stringify({ level, event, ...fields }));
const log: Log = { info: line('info'), warn: line('warn'), error: line('error') };

const analyzer = createAnalyzer({ workers: flags.workers });
let engine: Engine | undefined;
let stopping = false;

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  await engine?.close();
  await analyzer.close();
  process.exit(code);
}

process.on('SIGTERM', () => void stop(0));
process.on('SIGINT', () => void stop(0));
process.on('message', (message) => {
  if (message === 'shutdown') void stop(0);
});
process.on('disconnect', () => void stop(0));

try {
  engine = createEngine({
    analyzer,
    workers: flags.workers,
    limitedAccess: flags.limitedAccess,
    trustedImageHosts: flags.trustImageHosts,
    trainingMs: flags.trainingMs,
    readThoroughly: flags.ocrThorough,
    readResultMs: flags.readResultSeconds * 1000,
    log,
    ...(flags.data === undefined ? {} : { dataDir: flags.data }),
    ...(key === undefined ? {} : { key }),
    ...(flags.callsPerSecond === undefined ? {} : { callsPerSecond: flags.callsPerSecond }),
  });
  console.log(`vision engine listening on ${await engine.listen(flags.port, flags.host)}`);
} catch (error) {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  console.error(
    taken
      ? `Port ${flags.port} is taken. Stop what listens there, or choose another with --port (0 takes a free one).`
      : error instanceof Error
        ? error.message
        : String(error),
  );
  await stop(1);
}
