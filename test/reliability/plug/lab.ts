import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { descendants } from '../../../bench/processes.ts';
import type { Random } from '../../../src/domain/ports.ts';
import { Launcher, ROOT } from '../../local/launcher/launcher.ts';
import { type Child, printed, startChild } from '../../support/stack.ts';
import { seeded } from '../random.ts';
import { scenePhoto } from '../standin/scene.ts';
import { until } from '../world.ts';

/**
 * What is killed: the storage process alone, or all processes of the instance at once, as a power cut does; or the disk:
 * a backup is taken with images under way, everything is killed, the data folder is gone, and the backup is restored.
 */
export const VICTIMS = ['everything', 'storage', 'disk'] as const;
type Victim = (typeof VICTIMS)[number];

/** A kill comes within so many milliseconds of the word that images are submitted. */
const WITHIN_MS = 2000;
const IMAGES = 3;

interface Figures {
  kills: Record<Victim, number>;
  /** Images that `submit` said were submitted. */
  confirmed: number;
  rows: number;
}

/**
 * A local instance as an operator has it (launcher, storage, host; a stand-in for the models), to which images are
 * submitted and whose plug is then pulled.
 */
export class PlugLab {
  readonly figures: Figures = { kills: { everything: 0, storage: 0, disk: 0 }, confirmed: 0, rows: 0 };
  readonly #home: string;
  readonly #engine: Child;
  readonly #env: NodeJS.ProcessEnv;
  readonly #random: Random;
  readonly #confirmed: string[] = [];
  #launcher: Launcher | undefined;
  #round = 0;

  private constructor(home: string, engine: Child, url: string, seed: number) {
    this.#home = home;
    this.#engine = engine;
    this.#random = seeded(seed);
    this.#env = {
      ...{ COMPUTER_VISION_ENDPOINT: url, COMPUTER_VISION_KEY: 'local' },
      ...{ FACE_ENDPOINT: url, FACE_KEY: 'local', RETRY_BASE_SECONDS: '0.2', RETRY_MAX_SECONDS: '2' },
    };
  }

  static async open(seed: number): Promise<PlugLab> {
    const home = await mkdtemp(join(tmpdir(), 'imaginem-plug-'));
    const engine = startChild('test/reliability/standin/engine-main.ts', [
      ...['--port', '0', '--training-ms', '50', '--data', join(home, 'engine')],
    ]);
    const [, url = ''] = await printed(engine, /vision engine listening on (\S+)/);
    return new PlugLab(home, engine, url, seed);
  }

  get #data(): string {
    return join(this.#home, 'data');
  }

  /**
   * A folder of the old kind: images are submitted to Azurite, the instance is stopped with them under way, and the next
   * one, with storage of its own, moves them in. To be called first.
   */
  async moveIn(): Promise<void> {
    const old = await this.#running('--storage', 'azurite');
    await this.#submit('moved');
    old.child.kill('SIGTERM');
    await old.ended();
    const launcher = await this.#running();
    if (!/Copied \d+ blobs/.test(launcher.output)) throw new Error(`Nothing moved in: ${launcher.output}`);
    await this.#everyRow();
  }

  /** Submits images and kills; the instance then runs again, and every image confirmed so far must get its one row. */
  async round(victim: Victim): Promise<void> {
    this.#round += 1;
    const launcher = await this.#running();
    await this.#submit(`round-${this.#round}`);
    await pause(this.#random() * WITHIN_MS);
    const backup = join(this.#home, `backup-${this.#round}`);
    if (victim === 'disk') await this.#command('backup', backup);
    await this.#kill(launcher, victim === 'storage' ? 'storage' : 'everything');
    if (victim === 'disk') {
      await rm(this.#data, { recursive: true });
      await this.#command('restore', backup);
      await rm(backup, { recursive: true });
    }
    this.figures.kills[victim] += 1;
    await this.#running();
    await this.#everyRow();
  }

  async close(): Promise<void> {
    if (this.#launcher) await this.#kill(this.#launcher, 'everything');
    await this.#engine.stop('SIGKILL');
    await rm(this.#home, { recursive: true, force: true });
  }

  async #running(...args: string[]): Promise<Launcher> {
    if (
      this.#launcher &&
      this.#launcher.child.exitCode === null &&
      this.#launcher.child.signalCode === null
    ) {
      return this.#launcher;
    }
    this.#launcher = new Launcher(this.#data, { args, env: this.#env });
    await this.#launcher.said(/Imaginem is running/);
    return this.#launcher;
  }

  /** Submits images, and notes them once the command has said that they are submitted. */
  async #submit(batch: string): Promise<void> {
    const files: string[] = [];
    for (let index = 0; index < IMAGES; index += 1) {
      const file = join(this.#home, `${batch}-${index}.jpg`);
      const person = this.#round * 10 + index;
      await writeFile(file, await scenePhoto({ people: [person] }, 'jpeg'));
      files.push(file);
    }
    const said = await this.#command('submit', ...files, '--batch', batch);
    if (!said.includes(`Submitted ${IMAGES} images`)) throw new Error(`submit did not confirm: ${said}`);
    this.#confirmed.push(...files.map((file) => `${batch}/${file.slice(this.#home.length + 1)}`));
    this.figures.confirmed = this.#confirmed.length;
  }

  /** @returns what a command of `imaginem` says @throws where it fails */
  async #command(...args: string[]): Promise<string> {
    const child = spawn(process.execPath, [join(ROOT, 'src/cli/main.ts'), ...args, '--data', this.#data], {
      env: { ...process.env, ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        said += String(chunk);
      });
    }
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`imaginem ${args[0]}: ${said}`);
    return said;
  }

  async #kill(launcher: Launcher, victim: Exclude<Victim, 'disk'>): Promise<void> {
    const pid = launcher.child.pid ?? 0;
    const children = descendants(pid);
    const gone =
      victim === 'storage'
        ? children.filter(({ command }) => /storage\/main/.test(command.join(' ')))
        : children;
    // The launcher first: it would stop the others in order, which no power cut does.
    if (victim === 'everything') process.kill(pid, 'SIGKILL');
    for (const one of gone) {
      try {
        process.kill(one.pid, 'SIGKILL');
      } catch {
        // Gone with its parent.
      }
    }
    if (victim === 'everything') await launcher.ended();
    if (victim === 'storage' && gone.length === 0) throw new Error('There was no storage process to kill.');
  }

  async #everyRow(): Promise<void> {
    const all = () => {
      const rows = this.#rows();
      return this.#confirmed.every((name) => rows.some((url) => url.endsWith(`/${name}`)));
    };
    await until('Every confirmed image has its row', async () => all(), {
      state: () =>
        `${this.#rows().length} of ${this.#confirmed.length} rows\n${this.#launcher?.output.slice(-3000)}`,
    });
    this.figures.rows = this.#rows().length;
    if (this.figures.rows !== this.#confirmed.length) {
      throw new Error(`${this.figures.rows} rows for ${this.#confirmed.length} images.`);
    }
  }

  /** Addresses of the images that have a row. */
  #rows(): string[] {
    const file = join(this.#data, 'results.db');
    if (!existsSync(file)) return [];
    const db = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
    try {
      return db
        .prepare('SELECT image_url FROM pipeline_output')
        .all()
        .map((row) => decodeURIComponent(String(row.image_url)));
    } finally {
      db.close();
    }
  }
}
