import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** Where a local instance keeps its data when nothing else is said. */
export const DEFAULT_DATA_FOLDER = '.imaginem';

/** Its place in the data folder. */
export const INSTANCE_FILE = 'instance.json';

export const portNames = ['blob', 'queue', 'table', 'engine', 'host'] as const;
export type PortName = (typeof portNames)[number];
export type Ports = Readonly<Record<PortName, number>>;

/** Azurite's own for storage, the Functions tools' own for the host. */
export const DEFAULT_PORTS: Ports = { blob: 10000, queue: 10001, table: 10002, engine: 7801, host: 7071 };

const port = z.int().min(1).max(65_535);
const schema = z.object({
  /** Process of the launcher; the lock, not this, says whether it lives. */
  pid: z.int(),
  /** ISO 8601, UTC. */
  startedAt: z.string(),
  ports: z.object({ blob: port, queue: port, table: port, engine: port, host: port }),
  /** App settings that reach this instance. Never a secret of the environment it was started with. */
  settings: z.record(z.string(), z.string()),
  /** Settings which that environment had, and whoever reads this must have too (names only). */
  inherited: z.array(z.string()),
});

/** A local instance, running or not, as the launcher leaves it for the command line and for its next run. */
export type Instance = z.infer<typeof schema>;

/** @returns undefined where there is none, or what is there cannot be read */
export async function readInstance(folder: string): Promise<Instance | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(path.join(folder, INSTANCE_FILE), 'utf8')));
  } catch {
    return undefined;
  }
}

export async function writeInstance(folder: string, instance: Instance): Promise<void> {
  const file = path.join(folder, INSTANCE_FILE);
  // Renamed into place: a reader never sees half of it.
  await writeFile(`${file}.new`, `${JSON.stringify(instance, undefined, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
