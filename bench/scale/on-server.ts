import { ownDatabase } from '../../test/support/own-database.ts';
import type { Report } from '../report.ts';
import { openArchive } from './archive-operations.ts';
import type { Cleanup } from './cleanup.ts';
import { fillDatabase } from './fill-database.ts';
import type { Filled } from './filled.ts';
import { inProcess, type Lanes, measureLanes, type RunShare } from './lanes.ts';
import { type Measured, measureSides } from './measure.ts';
import { openPlace } from './place.ts';
import { reportOf } from './report.ts';
import { openResults } from './results-operations.ts';
import { describeServer, inSentences, makeDatabase, type ServerDatabase, turnOnSnapshots } from './server.ts';
import { setOf } from './set-of.ts';

/** To fill, and to make an index over a million images: longer than the app ever waits. */
const FILL_TIMEOUT_MS = 3_600_000;

/** How the server is reached: for tests, which have none. */
export interface Means {
  make: typeof ownDatabase;
  open: typeof openPlace;
  run: RunShare;
}

export const meansOf = (cleanup: Cleanup): Means => ({
  make: ownDatabase,
  open: openPlace,
  run: inProcess(cleanup),
});

/** Databases of its own: a small set, a large one, and one in which several save at once, where they are to. */
export interface OnServer {
  few: ServerDatabase;
  many: ServerDatabase;
  lanes?: ServerDatabase;
}

/**
 * Made before anything takes long: whether the server lets us is known at once.
 *
 * @throws {ServerError}
 */
export async function makeDatabases(
  connectionString: string,
  { withLanes }: { withLanes: boolean },
  cleanup: Cleanup,
  say: (words: string) => void,
  means: Means = meansOf(cleanup),
): Promise<OnServer> {
  const make = async (what: string) => {
    const made = await makeDatabase(connectionString, cleanup, means.make);
    say(`on the server: ${made.name} for ${what}`);
    const database = await means.open(made.place);
    await turnOnSnapshots(database);
    await database.close();
    return made;
  };
  return inSentences(async () => ({
    few: await make('the small set'),
    many: await make('the large set'),
    ...(withLanes && { lanes: await make('saves at once') }),
  }));
}

/** Of a small set and of a large one: the ids, and storage accounts on this machine that have the same images, where they are to be measured with it. */
interface Sets {
  few: readonly string[];
  many: readonly string[];
  archives?: { few: Filled; many: Filled };
}

/**
 * What the results answer and are told on a server, and what an archive does with it, filled with these sets; all is dropped
 * when it is done.
 *
 * @throws {ServerError}
 */
export const measureServer = (
  databases: OnServer,
  ids: Sets,
  options: { turns: number; only?: RegExp },
  means: Means,
  say: (words: string) => void,
): Promise<Report> =>
  inSentences(async () => {
    const lanes = await lanesOn(databases, means, say);
    await fill(databases.few, ids.few, means, say);
    await fill(databases.many, ids.many, means, say);
    const { rows, server } = await measured(databases, ids, options, means, say);
    await databases.few.drop();
    await databases.many.drop();
    const sizes = { few: ids.few.length, many: ids.many.length };
    const what = `${ids.archives ? 'an instance, its ' : ''}results on a SQL Server,`;
    const report = reportOf(what, rows, lanes, sizes);
    return { ...report, notes: [...report.notes, server] };
  });

async function measured(
  databases: OnServer,
  { few: fewIds, many: manyIds, archives }: Sets,
  options: { turns: number; only?: RegExp },
  { open }: Means,
  say: (words: string) => void,
): Promise<{ rows: Measured[]; server: string }> {
  const rows: Measured[] = [];
  if (archives) {
    const few = await openArchive(archives.few, databases.few.place);
    const many = await openArchive(archives.many, databases.many.place);
    try {
      rows.push(...(await measureSides({ few, many }, options, say)));
    } finally {
      await few.close();
      await many.close();
    }
  }
  const [few, many] = [await open(databases.few.place), await open(databases.many.place)];
  try {
    const server = await describeServer(many);
    const sides = { few: await openResults(few, fewIds), many: await openResults(many, manyIds) };
    rows.push(...(await measureSides(sides, options, say)));
    return { rows, server };
  } finally {
    await few.close();
    await many.close();
  }
}

async function lanesOn(
  { lanes }: OnServer,
  { open, run }: Means,
  say: (words: string) => void,
): Promise<Lanes[]> {
  if (lanes === undefined) return [];
  const measured = await measureLanes(lanes.place, { alone: true }, run, say, open);
  await lanes.drop();
  return measured;
}

async function fill(
  { place }: ServerDatabase,
  ids: readonly string[],
  { open }: Means,
  say: (words: string) => void,
): Promise<void> {
  const database = await open(place, FILL_TIMEOUT_MS);
  const size = ids.length.toLocaleString('en');
  try {
    await fillDatabase(database, ids.length, setOf(ids), (words) => say(`set of ${size}: ${words}`));
  } finally {
    await database.close();
  }
}
