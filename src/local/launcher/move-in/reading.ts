import { copyFile, link, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from '../child.ts';

/** Its metadata, which it writes anew; everything else it only adds to or deletes. */
const REWRITTEN = /\.json$/;
const START_LIMIT_MS = 60_000;

const SCRIPT = fileURLToPath(new URL(`../azurite-process${path.extname(import.meta.url)}`, import.meta.url));

/** A copy of Azurite's folder that may be read destructively: files that are never changed are linked, not copied. */
export async function copyForReading(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    const source = path.join(entry.parentPath, entry.name);
    const target = path.join(to, path.relative(from, source));
    if (entry.isDirectory()) await mkdir(target, { recursive: true });
    else if (REWRITTEN.test(entry.name)) await copyFile(source, target);
    else await link(source, target).catch(() => copyFile(source, target));
  }
}

/**
 * Azurite on a folder and free ports. Messages that are put back for later cannot be read before their time: its clock
 * can be set ahead.
 */
export async function startReading(
  folder: string,
  ahead: number,
): Promise<{ endpoint: (service: 'Blob' | 'Queue' | 'Table') => string; stop: () => Promise<void> }> {
  const clock = `const D = Date; globalThis.Date = class extends D {
    constructor(...given) { if (given.length) super(...given); else super(D.now() + ${ahead}); }
    static now() { return D.now() + ${ahead}; } };`;
  const ports = new Map<string, string>();
  const child = new Child(
    {
      name: 'azurite',
      script: SCRIPT,
      args: [
        ...['--disableTelemetry', '--skipApiVersionCheck', '--silent', '--location', folder],
        ...['--blobPort', '0', '--queuePort', '0', '--tablePort', '0'],
      ],
      nodeArgs: ahead === 0 ? [] : ['--import', `data:text/javascript,${encodeURIComponent(clock)}`],
      env: process.env,
    },
    (line) => {
      const [, service, port] =
        /(Blob|Queue|Table) service is successfully listening at \S+:(\d+)/.exec(line) ?? [];
      if (service !== undefined && port !== undefined) ports.set(service, port);
    },
  );
  const limit = AbortSignal.timeout(START_LIMIT_MS);
  const tooLate = Promise.withResolvers<'late'>();
  limit.addEventListener('abort', () => tooLate.resolve('late'));
  const outcome = await Promise.race([
    child.line(() => ports.size === 3).then(() => 'up' as const),
    child.exited.then(() => 'ended' as const),
    tooLate.promise,
  ]);
  if (outcome !== 'up') {
    child.kill();
    throw new Error(`Azurite did not start on its data: ${child.lastLines().join(' ')}`);
  }
  return {
    endpoint: (service) => `http://127.0.0.1:${ports.get(service)}`,
    // It is a copy: there is nothing that it should save, and open connections would keep it from ending.
    stop: async () => {
      child.kill();
      await child.exited;
    },
  };
}
