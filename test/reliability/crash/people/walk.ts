import { spawn } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { Died } from '../../../people/mortal-database.ts';
import { begin, DEEDS, type Ids, idsIn, openWorld, SECRET, stateOf } from './deeds.ts';

/** Longer than whoever takes an event has it for itself. */
const LEASE_OVER_MS = 120_000;

/** Where a process dies: at the n-th statement of a deed, counted from 0, or after a commit of which it is never told. */
export interface Point {
  readonly deed: string;
  readonly n: number;
}

/** What a deed comes to where nobody dies. */
interface Untroubled {
  readonly before: string;
  readonly after: string;
  readonly statements: number;
  /** Ids of what was told. */
  readonly told: readonly string[];
}

/** The database in which every deed begins, and a receiver of alerts. */
export class PeopleLab {
  readonly #folder: string;
  readonly #ids: Ids;
  readonly #known: ReadonlySet<string>;
  readonly #receiver: Server;
  /** Ids of events, as often as they came, by the path under which a point is told. */
  readonly #told = new Map<string, string[]>();
  readonly #untroubled = new Map<string, Promise<Untroubled>>();
  #runs = 0;

  private constructor(folder: string, ids: Ids, known: ReadonlySet<string>, receiver: Server) {
    this.#folder = folder;
    this.#ids = ids;
    this.#known = known;
    this.#receiver = receiver;
    receiver.on('request', async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      new Webhook(SECRET).verify(Buffer.concat(chunks).toString(), request.headers as Record<string, string>);
      const told = this.#told.get(request.url ?? '') ?? [];
      this.#told.set(request.url ?? '', [...told, String(request.headers['webhook-id'])]);
      response.end();
    });
  }

  static async open(): Promise<PeopleLab> {
    const folder = await mkdtemp(join(tmpdir(), 'imaginem-people-crash-'));
    const file = join(folder, 'begin.db');
    const ids = await begin(file);
    const { database, close } = await openWorld(file);
    const known = await idsIn(database);
    await close();
    const receiver = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => receiver.once('listening', done));
    return new PeopleLab(folder, ids, known, receiver);
  }

  async close(): Promise<void> {
    this.#receiver.closeAllConnections();
    await new Promise((done) => this.#receiver.close(done));
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Every point of a deed, in order. */
  async pointsOf(deed: string): Promise<Point[]> {
    const { statements } = await this.#lived(deed);
    return Array.from({ length: statements }, (_, n) => ({ deed, n }));
  }

  /**
   * Has a process die at a point, and whoever comes next go on.
   *
   * @param killed whether it is a process that is killed; else one in which the statement throws, and nothing after it is done
   * @throws where the end is not what it is where nobody dies, naming the point
   */
  async run(point: Point, { killed }: { killed: boolean }): Promise<void> {
    try {
      await this.#run(point, killed);
    } catch (error) {
      throw new Error(
        `"${point.deed}", ${killed ? 'killed' : 'dead'} at statement ${point.n}: ${error instanceof Error ? error.message : error}`,
        { cause: error },
      );
    }
  }

  async #run({ deed, n }: Point, killed: boolean): Promise<void> {
    const { before, after, told } = await this.#lived(deed);
    const how = DEEDS[deed]?.again;
    const { file, path, webhook } = await this.#fresh();
    await (killed ? this.#kill(file, deed, n, webhook) : this.#throw(file, deed, n, webhook));
    const next = await openWorld(file);
    try {
      const { world, database } = next;
      const found = await stateOf(database, this.#known);
      if (how === 'person' && found !== before && found !== after)
        throw new Error(`it is half done:\n${differenceOf(after, found)}`);
      if (how === 'telling') world.now += LEASE_OVER_MS;
      if (how !== 'person' || found === before) await DEEDS[deed]?.run(world, this.#ids, webhook);
      await world.people.settleAll();
      const end = await stateOf(database, this.#known);
      if (end !== after) throw new Error(`the end is another:\n${differenceOf(after, end)}`);
      const came = this.#told.get(path) ?? [];
      if ([...new Set(came)].sort().join() !== [...told].sort().join() || came.length > told.length + 1)
        throw new Error(`told of ${came.join(', ') || 'nothing'}, not of ${told.join(', ') || 'nothing'}`);
    } finally {
      await next.close();
      await rm(file, { force: true });
    }
  }

  #lived(deed: string): Promise<Untroubled> {
    const known = this.#untroubled.get(deed) ?? this.#live(deed);
    this.#untroubled.set(deed, known);
    return known;
  }

  async #live(deed: string): Promise<Untroubled> {
    const { file, path, webhook } = await this.#fresh();
    const { world, database, close } = await openWorld(file);
    const before = await stateOf(database, this.#known);
    database.lives = Number.MAX_SAFE_INTEGER;
    await DEEDS[deed]?.run(world, this.#ids, webhook);
    const statements = Number.MAX_SAFE_INTEGER - database.lives;
    await world.people.settleAll();
    const after = await stateOf(database, this.#known);
    await close();
    return { before, after, statements, told: this.#told.get(path) ?? [] };
  }

  async #fresh(): Promise<{ file: string; path: string; webhook: string }> {
    this.#runs += 1;
    const file = join(this.#folder, `run-${this.#runs}.db`);
    await copyFile(join(this.#folder, 'begin.db'), file);
    const path = `/${this.#runs}`;
    return {
      file,
      path,
      webhook: `http://127.0.0.1:${(this.#receiver.address() as AddressInfo).port}${path}`,
    };
  }

  async #throw(file: string, deed: string, n: number, webhook: string): Promise<void> {
    const { world, database, close } = await openWorld(file);
    database.lives = n;
    try {
      await DEEDS[deed]?.run(world, this.#ids, webhook);
      throw new Error('nobody died');
    } catch (error) {
      if (!(error instanceof Died)) throw error;
    } finally {
      database.lives = Number.POSITIVE_INFINITY;
      await close();
    }
  }

  async #kill(file: string, deed: string, n: number, webhook: string): Promise<void> {
    const given = [file, deed, String(n), JSON.stringify(this.#ids), webhook];
    const child = spawn(
      process.execPath,
      ['--no-warnings', join(import.meta.dirname, 'child.ts'), ...given],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    const [code, signal] = await new Promise<[number | null, string | null]>((done) =>
      child.once('close', (...end) => done(end)),
    );
    if (signal !== 'SIGKILL')
      throw new Error(`nobody was killed (exit code ${code}): ${said.slice(0, 2000)}`);
  }
}

/** Lines of two states that are in one of them only. */
function differenceOf(wanted: string, found: string): string {
  const [one, two] = [wanted.split('\n'), found.split('\n')];
  const missing = one.filter((line) => !two.includes(line)).map((line) => `- ${line}`);
  const added = two.filter((line) => !one.includes(line)).map((line) => `+ ${line}`);
  return [...missing, ...added].slice(0, 20).join('\n') || 'some row is there another number of times';
}
